namespace Chat.Protocol.Client;

/// <summary>What a <see cref="ClientSession"/> wants done; carried out in the order given.</summary>
internal abstract record SessionOutput
{
    private SessionOutput() { }

    /// <summary>Make a connection, then say <c>Opened</c> or <c>Lost</c>.</summary>
    public sealed record Open : SessionOutput;

    /// <summary>Send a frame over the connection.</summary>
    public sealed record Send(Request Request, byte[] Frame) : SessionOutput;

    /// <summary>Give the connection up, with a close frame where there is a code; nothing more is heard of it.</summary>
    public sealed record Close(int? Code) : SessionOutput;

    /// <summary>Tell the consumer.</summary>
    public sealed record Tell(ClientEvent Event) : SessionOutput;

    /// <summary>The connection's state is another; <paramref name="RetryIn"/> counts from now.</summary>
    public sealed record State(
        ConnectionStatus Status, string? Reason = null, TimeSpan? RetryIn = null, int? CloseCode = null, TimeSpan? RoundTrip = null)
        : SessionOutput;

    /// <summary>It is over for good; nothing follows.</summary>
    public sealed record Ended : SessionOutput;
}
