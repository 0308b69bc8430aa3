namespace Chat.Actors.Connections;

/// <summary>What is counted for an address.</summary>
public enum AddressAct
{
    /// <summary>A connection.</summary>
    Connect,

    /// <summary>A login, refused or not.</summary>
    Login,

    /// <summary>A join.</summary>
    Join,

    /// <summary>A publish.</summary>
    Publish,

    /// <summary>A <c>history</c>, <c>who</c> or <c>rooms</c>.</summary>
    Query,

    /// <summary>A frame, or up to 4 KiB of one.</summary>
    Frame,
}

/// <summary>What all connections of one address may do together. Safe from any thread.</summary>
/// <param name="address">The client's, or its whole network of IPv6.</param>
/// <param name="options">The rates.</param>
public sealed class AddressBudget(string address, ChatOptions options)
{
    /// <summary>Whose it is.</summary>
    public string Address => address;

    private readonly Lock _gate = new();
    private readonly TokenBucket[] _buckets =
    [
        new(options.ConnectRate, options.ConnectBurst, options.Time),
        Shared(options.LoginRate, options.LoginBurst, options),
        Shared(options.JoinRate, options.JoinBurst, options),
        Shared(options.Limits.PublishRate, options.Limits.PublishBurst, options),
        Shared(options.Limits.ReadRate, (int)options.Limits.ReadRate, options),
        Shared(options.FrameRate, options.FrameBurst, options),
    ];

    /// <summary>Nothing was done for long enough that all may be done again: it needn't be remembered.</summary>
    public bool IsWhole
    {
        get
        {
            lock (_gate)
                return Array.TrueForAll(_buckets, bucket => bucket.IsFull);
        }
    }

    /// <summary>Counts one act; null where it may be done, else how long to wait.</summary>
    public TimeSpan? TryTake(AddressAct act)
    {
        lock (_gate)
            return _buckets[(int)act].TryTake();
    }

    /// <summary>How long to wait for an act; null where it may be done.</summary>
    public TimeSpan? NextIn(AddressAct act)
    {
        lock (_gate)
            return _buckets[(int)act].NextIn();
    }

    private static TokenBucket Shared(double rate, int burst, ChatOptions options) =>
        new(rate * options.AddressFactor, (int)Math.Clamp(burst * options.AddressFactor, 1, int.MaxValue), options.Time);
}
