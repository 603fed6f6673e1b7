using System.Net;
using System.Net.Mail;
using Daylight.Server.Features.Directory;
using Daylight.Server.Hosting;

namespace Daylight.Server.Features.Notices;

/// <summary>
/// Mails that something waits in the inbox, where SMTP is set. Mail is read by many machines on its way, so it says that there is something, and never what or about whom.
/// </summary>
internal sealed class Mailer(NoticeStore notices, DirectoryStore directory, ServerOptions options)
{
    private const int MostPerRun = 200;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Mails what is due; returns how many people got one.</summary>
    public async Task<string> RunAsync(CancellationToken cancel)
    {
        if (options.Mail is not { } settings)
        {
            return "no SMTP is set";
        }

        // A server that accepts a connection and then says nothing must not hold up every job after this one.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Longest);
        var due = notices.Unmailed(MostPerRun).GroupBy(n => n.Notice.Person, StringComparer.Ordinal).ToList();
        using var smtp = new SmtpClient(settings.Host, settings.Port) { EnableSsl = settings.Tls };
        if (settings.User is { } user)
        {
            smtp.Credentials = new NetworkCredential(user, settings.Password);
        }

        var (sent, refused) = (0, 0);
        foreach (var person in due)
        {
            if (directory.Current.Person(person.Key) is { Email.Length: > 0 } to && MailAddress.TryCreate(to.Email, out var address))
            {
                using var mail = new MailMessage(new MailAddress(settings.From), address)
                {
                    Subject = "Daylight: something in your inbox",
                    Body = $"There {(person.Count() == 1 ? "is 1 notice" : $"are {person.Count()} notices")} for you in Daylight.\n\nRead {(person.Count() == 1 ? "it" : "them")} at {settings.Portal.TrimEnd('/')}/inbox\n\nThis mail says nothing more on purpose: mail is read by many machines on its way.\n",
                };
                try
                {
                    await smtp.SendMailAsync(mail, limit.Token);
                    sent++;
                }
                catch (SmtpFailedRecipientException e)
                {
                    // One mailbox holds up nobody else, and its address stands in no job's outcome. One that is gone is not tried again: the inbox has the notice all the same.
                    refused++;
                    if ((int)e.StatusCode < 500)
                    {
                        continue;
                    }
                }
            }

            await notices.MailedAsync([.. person.Select(n => n.Id)]);
        }

        return refused == 0 ? $"{sent} people were mailed" : $"{sent} people were mailed, {refused} addresses were refused";
    }
}

/// <summary>How mail is sent.</summary>
public sealed class MailOptions
{
    /// <summary>SMTP server.</summary>
    public required string Host { get; init; }

    /// <summary>Its port.</summary>
    public int Port { get; init; } = 587;

    /// <summary>Whether to speak TLS (STARTTLS).</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Sender's address.</summary>
    public required string From { get; init; }

    /// <summary>URL of the portal, for the link.</summary>
    public required string Portal { get; init; }

    /// <summary>User name, or null for none.</summary>
    public string? User { get; init; }

    /// <summary>Password, or null.</summary>
    public string? Password { get; init; }
}
