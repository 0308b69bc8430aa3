using Chat.Bench.Load;

namespace Chat.Bench.Peers;

/// <summary>A kind of server that is compared: how it is had, started and spoken with, and what it is worth.</summary>
public interface IPeer
{
    /// <summary>As in <c>--peers</c>.</summary>
    string Name { get; }

    /// <summary>What it is and what it promises, in a sentence: a figure means little without.</summary>
    string Guarantees { get; }

    /// <summary>How its clients speak.</summary>
    IDialect Dialect { get; }

    /// <summary>More connections than this it isn't asked to hold, and why; null where there is no such bound.</summary>
    (int Most, string Why)? Bound => null;

    /// <summary>What is missing for it and how to get it; null where it can be started. Prints where that takes time.</summary>
    Task<string?> MissingAsync(TextWriter output, CancellationToken cancellation);

    /// <summary>Its version, once nothing is missing.</summary>
    Task<string> VersionAsync(CancellationToken cancellation);

    /// <summary>Starts one of its own on a free port of the loopback address, and waits until it listens. Throws a <see cref="BenchException"/>.</summary>
    Task<IRunningPeer> StartAsync(CancellationToken cancellation);
}

/// <summary>A server under load; ended, and its files removed, with its disposal.</summary>
public interface IRunningPeer : IAsyncDisposable
{
    /// <summary>Where it listens, on the loopback address.</summary>
    int Port { get; }

    /// <summary>Its process.</summary>
    int ProcessId { get; }

    /// <summary>Has it collect its garbage; false where it can't be asked. Throws a <see cref="BenchException"/> where it is asked and doesn't.</summary>
    Task<bool> CollectAsync(CancellationToken cancellation);
}
