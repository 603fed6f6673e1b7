using Microsoft.AspNetCore.Identity;

namespace Daylight.Server.Features.SignIn;

/// <summary>A person, as .NET's passkey handler wants one: a handle, and whose it is nobody needs to know there.</summary>
internal sealed record PasskeyUser(string Handle);

/// <summary>What .NET's passkey handler reads of us. It registers nothing and changes nobody: that goes through the log.</summary>
internal sealed class PasskeyUsers(Passkeys passkeys) : IUserPasskeyStore<PasskeyUser>
{
    public Task<string> GetUserIdAsync(PasskeyUser user, CancellationToken cancellationToken) => Task.FromResult(user.Handle);

    public Task<string?> GetUserNameAsync(PasskeyUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Handle);

    public Task<string?> GetNormalizedUserNameAsync(PasskeyUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Handle);

    public Task<PasskeyUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult<PasskeyUser?>(new PasskeyUser(userId));

    public Task<PasskeyUser?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => Task.FromResult<PasskeyUser?>(null);

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(PasskeyUser user, CancellationToken cancellationToken) => Task.FromResult<IList<UserPasskeyInfo>>([.. passkeys.OfHandle(user.Handle).Select(p => p.ToInfo())]);

    public Task<PasskeyUser?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(passkeys.Find(credentialId) is { } found ? new PasskeyUser(passkeys.HandleOf(found.Person)) : null);

    public Task<UserPasskeyInfo?> FindPasskeyAsync(PasskeyUser user, byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(passkeys.Find(credentialId) is { } found && passkeys.HandleOf(found.Person) == user.Handle ? found.ToInfo() : null);

    public Task AddOrUpdatePasskeyAsync(PasskeyUser user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw Only();

    public Task RemovePasskeyAsync(PasskeyUser user, byte[] credentialId, CancellationToken cancellationToken) => throw Only();

    public Task SetUserNameAsync(PasskeyUser user, string? userName, CancellationToken cancellationToken) => throw Only();

    public Task SetNormalizedUserNameAsync(PasskeyUser user, string? normalizedName, CancellationToken cancellationToken) => throw Only();

    public Task<IdentityResult> CreateAsync(PasskeyUser user, CancellationToken cancellationToken) => throw Only();

    public Task<IdentityResult> UpdateAsync(PasskeyUser user, CancellationToken cancellationToken) => throw Only();

    public Task<IdentityResult> DeleteAsync(PasskeyUser user, CancellationToken cancellationToken) => throw Only();

    public void Dispose()
    {
    }

    private static NotSupportedException Only() => new("Passkeys are registered through the log.");
}
