using Daylight.Sealing;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Sealing;

public sealed class EnrollmentCodeTests
{
    private static readonly Company Company = new();

    private static EnrollmentCode Code(ulong seed) => EnrollmentCode.Create(Company.Root, new Dice(seed).Bytes(16));

    [Fact]
    public void a_code_is_read_back_from_paper()
    {
        for (var seed = 0UL; seed < 200; seed++)
        {
            var code = Code(seed);
            var read = EnrollmentCode.TryParse(code.ToString())!;
            Assert.Equal((code.RootPrefix, Convert.ToHexString(code.Secret)), (read.RootPrefix, Convert.ToHexString(read.Secret)));
            Assert.StartsWith(read.RootPrefix, Company.Root.Fingerprint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void case_spaces_and_dashes_do_not_matter()
    {
        var code = Code(1);
        var read = EnrollmentCode.TryParse($"  {code.ToString().ToLowerInvariant().Replace('-', ' ')}");
        Assert.Equal(code.Secret, read!.Secret);
    }

    [Fact]
    public void a_code_of_the_wrong_length_or_alphabet_is_refused()
    {
        var text = Code(1).ToString();
        Assert.Null(EnrollmentCode.TryParse(string.Empty));
        Assert.Null(EnrollmentCode.TryParse(text[..^1]));
        Assert.Null(EnrollmentCode.TryParse(text + "A"));
        Assert.All("018!_é\n\u0661", c => Assert.Null(EnrollmentCode.TryParse(text[..3] + c + text[4..])));
    }

    [Fact]
    public void a_mistyped_letter_makes_another_code_of_another_key()
    {
        var code = Code(1);
        var text = code.ToString();
        foreach (var at in Enumerable.Range(0, text.Length).Where(i => text[i] != '-'))
        {
            var typo = EnrollmentCode.TryParse(text[..at] + (text[at] == 'A' ? 'Q' : 'A') + text[(at + 1)..])!;
            Assert.True(typo.RootPrefix != code.RootPrefix || EnrollmentCode.HashOf(typo.DeriveKey().Credential) != EnrollmentCode.HashOf(code.DeriveKey().Credential), $"letter {at}");
        }
    }

    [Fact]
    public void the_same_secret_always_derives_the_same_key()
    {
        Assert.Equal(Code(1).DeriveKey().Credential.Text, EnrollmentCode.TryParse(Code(1).ToString())!.DeriveKey().Credential.Text);
        Assert.NotEqual(Code(1).DeriveKey().Credential.Text, Code(2).DeriveKey().Credential.Text);
    }
}
