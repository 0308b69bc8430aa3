using System.Net;

namespace Chat.Gateway.Sockets;

/// <summary>The places for connections: of the server, and of an address (loopback has as many as it likes).</summary>
public sealed class Admission
{
    private const int MaxConnections = 100_000;
    private const int MaxForAddress = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _taken = [];
    private int _takenInAll;

    /// <summary>Takes a place, which disposing gives back; null where none is left, with what to tell the client.</summary>
    public IDisposable? Admit(IPAddress address, out string refusal)
    {
        lock (_gate)
        {
            refusal = "";
            var here = _taken.GetValueOrDefault(address);
            if (_takenInAll >= MaxConnections)
                refusal = $"The server has {MaxConnections} connections, as many as it takes. Try again in a while.";
            else if (here >= MaxForAddress && !IPAddress.IsLoopback(address))
                refusal = $"Your address has {MaxForAddress} connections, as many as one may have. Close some.";
            if (refusal.Length > 0)
                return null;
            (_taken[address], _takenInAll) = (here + 1, _takenInAll + 1);
            return new Place(this, address);
        }
    }

    private void GiveBack(IPAddress address)
    {
        lock (_gate)
        {
            _takenInAll--;
            if (--_taken[address] == 0)
                _taken.Remove(address);
        }
    }

    private sealed class Place(Admission of, IPAddress address) : IDisposable
    {
        public void Dispose() => of.GiveBack(address);
    }
}
