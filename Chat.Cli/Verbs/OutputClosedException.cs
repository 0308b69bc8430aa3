namespace Chat.Cli.Verbs;

/// <summary>Nobody reads standard output any more, so there is nothing left to do.</summary>
internal sealed class OutputClosedException(IOException inner) : Exception("Standard output is closed.", inner);
