using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Cli.Verbs;

/// <summary>Runs what a script asked for over one client, and turns how it ended into an exit code.</summary>
internal static class Verb
{
    // To say goodbye, so that the name is free at once. Not to be waited for long.
    private static readonly TimeSpan LogoutTime = TimeSpan.FromSeconds(2);

    /// <param name="options">Where to connect, and as whom.</param>
    /// <param name="io">Where to say what went wrong.</param>
    /// <param name="signals">What may end it.</param>
    /// <param name="work">What to do with a client that isn't connected yet: <see cref="ConnectAsync"/> comes first.</param>
    /// <param name="whereTaken">As whom where the name is another's; null where that is a refusal.</param>
    public static async Task<int> RunAsync(
        ChatClientOptions options, ScriptIo io, Signals signals, Func<ChatClient, CancellationToken, Task<int>> work,
        ChatClientOptions? whereTaken = null)
    {
        try
        {
            return await WorkAsync(options);
        }
        catch (ChatRefusedException refused) when (refused.Code == ErrorCodes.NameTaken && whereTaken is null)
        {
            io.Say($"{refused.Message} --user gives another name.");
            return ExitCodes.Refused;
        }
        catch (OperationCanceledException) when (signals.ExitCode != 0)
        {
            return signals.ExitCode;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.Done;
        }
        catch (ChatRefusedException refused)
        {
            io.Say(refused.Message + ConnectionSettings.TokenHint(refused));
            return ExitCodes.Refused;
        }
        catch (ChatConnectionException lost)
        {
            io.Say(lost.Message);
            return ExitCodes.NoConnection;
        }

        async Task<int> WorkAsync(ChatClientOptions speaker)
        {
            var client = new ChatClient(speaker);
            try
            {
                return await work(client, signals.Token);
            }
            catch (ChatRefusedException refused) when (refused.Code == ErrorCodes.NameTaken && whereTaken is not null && speaker != whereTaken)
            {
                // Below, once this client is closed.
            }
            finally
            {
                await CloseAsync(client);
            }
            return await WorkAsync(whereTaken);
        }
    }

    /// <summary>Connects; a name that is kept for somebody who lost the connection is waited for, as that one may be this program before.</summary>
    public static async Task ConnectAsync(ChatClient client, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await client.ConnectAsync(cancellation);
                return;
            }
            catch (ChatRefusedException refused) when (refused is { Code: ErrorCodes.NameTaken, RetryAfter: { } wait })
            {
                await Task.Delay(wait, cancellation);
            }
        }
    }

    private static async Task CloseAsync(ChatClient client)
    {
        try
        {
            if (client.State.Status == ConnectionStatus.Online)
                await client.LogoutAsync().WaitAsync(LogoutTime);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or ChatConnectionException or ChatRefusedException)
        {
            // It was a courtesy.
        }
        try
        {
            await client.DisposeAsync().AsTask().WaitAsync(LogoutTime);
        }
        catch (TimeoutException)
        {
            // The process ends anyway.
        }
    }
}
