using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

public sealed class TreeTests
{
    [Fact]
    public void the_empty_tree_has_the_root_of_nothing() => Assert.Equal("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Merkle.EmptyRoot.ToString());
}
