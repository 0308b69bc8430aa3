namespace Chat.Cli.Screen;

internal static class ChatScreen
{
    public static Task<int> RunAsync(ConnectionSettings settings, string[] rooms, Signals signals) =>
        Task.FromResult(settings.User is null && rooms.Length == 0 ? signals.ExitCode : 0);
}
