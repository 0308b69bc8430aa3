using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Bench.Crash;

/// <summary>A <see cref="ChatClient"/> whose events go to their places; what it should never say is an offence.</summary>
internal sealed class ClientUser : IAsyncDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);

    private readonly string _name;
    private readonly IReadOnlyList<Place> _places;
    private readonly CrashRecord _record;
    private readonly ChatClient _client;
    private readonly Task _taking;
    private bool _isLeaving;

    /// <summary>Makes the client of a user; <see cref="EnterAsync"/> connects it.</summary>
    public ClientUser(string name, IReadOnlyList<Place> places, CrashRecord record, Uri server)
    {
        (_name, _places, _record) = (name, places, record);
        _client = new ChatClient(new ChatClientOptions
        {
            Server = server,
            User = name,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            FirstDelay = TimeSpan.FromMilliseconds(50),
            LongestDelay = TimeSpan.FromMilliseconds(400),
        });
        _taking = TakeAsync();
    }

    /// <summary>The client.</summary>
    public ChatClient Client => _client;

    /// <summary>Whether the client has ended by itself, which it should never do.</summary>
    public bool IsOver => _taking.IsCompleted;

    /// <summary>Connects, as often as it takes, and goes on in every room where it stands.</summary>
    public async Task EnterAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await _client.ConnectAsync(cancellation);
                break;
            }
            catch (Exception e) when (e is ChatConnectionException or ChatRefusedException { Code: ErrorCodes.NameTaken } || (e is ChatRefusedException { Code: ErrorCodes.Busy } && _record.ToleratesBusy))
            {
                await Task.Delay(Retry, cancellation);
            }
        }
        foreach (var place in _places)
            _ = JoinAsync(place, since: place.Last);
    }

    /// <summary>Joins a room again, in which it is.</summary>
    public void Rejoin(Place place) => _ = JoinAsync(place, since: null);

    /// <summary>Logs out; when it returns, all events have gone to their places.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isLeaving, true);
        await _client.DisposeAsync();
        await _taking;
    }

    private async Task JoinAsync(Place place, long? since)
    {
        try
        {
            await _client.JoinAsync(place.Room, since, since is null ? null : place.Epoch);
        }
        catch (ChatRefusedException e)
        {
            _record.Offences.Add(Offence.Wrong, $"{_name} was refused to join {place.Room} with {e.Code}: {e.Message}");
        }
        catch (ChatConnectionException)
        {
            // It left before the room was live, or it ended, which its last state tells.
        }
    }

    private async Task TakeAsync()
    {
        await foreach (var e in _client.Events())
        {
            switch (e)
            {
                case ClientEvent.Received { Event: ServerEvent.Message message }:
                    Find(message.Room)?.Take(message);
                    break;
                case ClientEvent.Received { Event: ServerEvent.History page }:
                    Find(page.Room)?.Take(page);
                    break;
                case ClientEvent.Received { Event: ServerEvent.Error error }:
                    _record.Offences.Add(Offence.Wrong, $"{_name} was refused with {error.Code}: {error.Sentence}");
                    break;
                case ClientEvent.StateChanged { State: { Status: ConnectionStatus.Closed } state } when _client.User is not null && !Volatile.Read(ref _isLeaving):
                    _record.Offences.Add(Offence.Wrong, $"{_name}'s client gave up: {state.Reason}");
                    break;
            }
        }
    }

    private Place? Find(string room) => _places.FirstOrDefault(place => place.Room == room);
}
