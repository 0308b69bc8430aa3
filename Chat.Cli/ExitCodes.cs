namespace Chat.Cli;

/// <summary>What the program's exit says to a script.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The server refused, or would have.</summary>
    public const int Refused = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>There is no connection.</summary>
    public const int NoConnection = 3;

    /// <summary>Ctrl-C: 128 and the signal's number, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM.</summary>
    public const int Terminated = 143;

    /// <summary>SIGHUP: the terminal is gone.</summary>
    public const int HungUp = 129;
}
