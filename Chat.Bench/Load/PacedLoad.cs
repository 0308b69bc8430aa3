using System.Diagnostics;

namespace Chat.Bench.Load;

/// <summary>Messages that are sent at a steady rate, by one client after the other: how long each takes to come back to who sent it.</summary>
public sealed class PacedLoad
{
    private readonly IReadOnlyList<LoadClient> _senders;
    private readonly NumberedRequest[] _requests;
    private readonly Dictionary<LoadClient, int> _places;
    private readonly long[] _sentAt;
    private readonly double[] _milliseconds;

    /// <param name="dialect">How they speak.</param>
    /// <param name="senders">Who sends, in turn.</param>
    /// <param name="messages">How many are to be sent, numbered from 0.</param>
    /// <param name="characters">Of a message.</param>
    public PacedLoad(IDialect dialect, IReadOnlyList<LoadClient> senders, int messages, int characters)
    {
        _senders = senders;
        _requests = [.. senders.Select(client => new NumberedRequest(dialect.Publish(client.User, client.Room, NumberedRequest.Text(characters))))];
        _places = senders.Select((client, place) => (client, place)).ToDictionary(pair => pair.client, pair => pair.place);
        (_sentAt, _milliseconds) = (new long[messages], new double[messages]);
        Array.Fill(_milliseconds, double.NaN);
        foreach (var client in senders)
            client.Heard = Heard;
    }

    /// <summary>How many were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>How many came back.</summary>
    public int Returned { get; private set; }

    /// <summary>Sends a message.</summary>
    public void Send(int number)
    {
        var place = number % _senders.Count;
        _sentAt[number] = Stopwatch.GetTimestamp();
        Sent++;
        _senders[place].Send(_requests[place].Numbered(number));
    }

    /// <summary>Milliseconds from send to echo, of the messages from this number on that came back.</summary>
    public IEnumerable<double> Latencies(int from) => _milliseconds.Skip(from).Where(time => !double.IsNaN(time));

    private void Heard(LoadClient client, ReadOnlySpan<byte> message)
    {
        var number = NumberedRequest.Number(message);
        if (number < 0 || number >= Sent || number % _senders.Count != _places[client] || !double.IsNaN(_milliseconds[number]))
            return;
        _milliseconds[number] = Stopwatch.GetElapsedTime(_sentAt[number]).TotalMilliseconds;
        Returned++;
    }
}
