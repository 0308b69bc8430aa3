using System.Net;
using System.Net.Sockets;
using Chat.Actors;
using Chat.Actors.Connections;

namespace Chat.Gateway.Sockets;

/// <summary>Why a connection isn't taken, and when to try again, where waiting helps.</summary>
public sealed record Rejection(int Status, string Reason, string Sentence, TimeSpan? RetryAfter);

/// <summary>
/// The places for connections: of the server, and of an address, which also has a budget for what its connections do. Loopback has as many
/// as it likes: who is there could end the server as well. Of IPv6, a customer's whole network (/64) is one address.
/// </summary>
public sealed class Admission(ChatOptions chat, int maxConnections, int maxForAddress)
{
    private sealed class Guest(AddressBudget budget)
    {
        public AddressBudget Budget => budget;

        public int Connections { get; set; }
    }

    private const int NetworkBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Guest> _guests = [];
    private int _taken;

    /// <summary>Addresses that are remembered.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate)
                return _guests.Count;
        }
    }

    /// <summary>Takes a place, which disposing gives back; null where there is none, with the reason.</summary>
    /// <param name="address">The client's.</param>
    /// <param name="rejection">Why it has none.</param>
    /// <param name="isForwarded">A proxy says so: then loopback is an address as any other.</param>
    public Place? Admit(IPAddress address, out Rejection? rejection, bool isForwarded = false)
    {
        var key = KeyOf(address, isForwarded);
        lock (_gate)
        {
            rejection = maxConnections > 0 && _taken >= maxConnections
                ? new Rejection(StatusCodes.Status503ServiceUnavailable, "max-connections",
                    $"The server has {maxConnections} connections, as many as it takes. Try again in a while.", TimeSpan.FromSeconds(10))
                : null;
            if (rejection is not null)
                return null;
            if (key is null)
            {
                _taken++;
                return new Place(this, null, null);
            }
            var guest = GuestOf(key);
            if (maxForAddress > 0 && guest.Connections >= maxForAddress)
                rejection = new Rejection(StatusCodes.Status429TooManyRequests, "max-connections-per-address",
                    $"Your address has {maxForAddress} connections, as many as one may have. Close some.", null);
            else if (guest.Budget.TryTake(AddressAct.Connect) is { } wait)
                rejection = new Rejection(StatusCodes.Status429TooManyRequests, "connect-rate",
                    $"Your address connects more than {chat.ConnectRate} times a second. Wait a moment.", wait);
            if (rejection is not null)
                return null;
            guest.Connections++;
            _taken++;
            return new Place(this, key, guest.Budget);
        }
    }

    /// <summary>What an address may do; null where that has no limit.</summary>
    /// <param name="address">The client's.</param>
    /// <param name="isForwarded">See <see cref="Admit"/>.</param>
    public AddressBudget? BudgetOf(IPAddress address, bool isForwarded)
    {
        lock (_gate)
            return KeyOf(address, isForwarded) is { } key ? GuestOf(key).Budget : null;
    }

    private static IPAddress? KeyOf(IPAddress address, bool isForwarded) => IPAddress.IsLoopback(address) && !isForwarded ? null : Network(address);

    private Guest GuestOf(IPAddress key)
    {
        if (!_guests.TryGetValue(key, out var guest))
            _guests.Add(key, guest = new Guest(new AddressBudget(key.ToString(), chat)));
        return guest;
    }

    /// <summary>Forgets the addresses that have no connection and did nothing for a while; called about once a second.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            foreach (var (address, _) in _guests.Where(guest => guest.Value is { Connections: 0, Budget.IsWhole: true }).ToArray())
                _guests.Remove(address);
        }
    }

    private void GiveBack(IPAddress? address)
    {
        lock (_gate)
        {
            _taken--;
            if (address is not null)
                _guests[address].Connections--;
        }
    }

    /// <summary>What counts as one address.</summary>
    public static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        // Of link-local ones, all machines of a link share the network.
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv6LinkLocal)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>One connection's place, and what its address may do; null where that has no limit.</summary>
    public sealed class Place(Admission of, IPAddress? address, AddressBudget? budget) : IDisposable
    {
        /// <summary>See there.</summary>
        public AddressBudget? Budget => budget;

        /// <inheritdoc/>
        public void Dispose() => of.GiveBack(address);
    }
}
