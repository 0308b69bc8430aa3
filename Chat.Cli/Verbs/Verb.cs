using Chat.Protocol.Client;

namespace Chat.Cli.Verbs;

/// <summary>Runs what a script asked for over one client, and turns how it ended into an exit code.</summary>
internal static class Verb
{
    // To say goodbye, so that the name is free at once. Not to be waited for long.
    private static readonly TimeSpan LogoutTime = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(
        ChatClientOptions options, ScriptIo io, Signals signals, Func<ChatClient, CancellationToken, Task<int>> work)
    {
        try
        {
            var client = new ChatClient(options);
            try
            {
                return await work(client, signals.Token);
            }
            finally
            {
                await CloseAsync(client);
            }
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
            io.Say(refused.Message);
            return ExitCodes.Refused;
        }
        catch (ChatConnectionException lost)
        {
            io.Say(lost.Message);
            return ExitCodes.NoConnection;
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
