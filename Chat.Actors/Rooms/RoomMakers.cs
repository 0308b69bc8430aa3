using Chat.Actors.Connections;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>
/// Who made which of the rooms that there are, since the start, and how fast: users, known by name as a session is made in no time, and the
/// addresses that they come from, which may do so many times as much.
/// </summary>
internal sealed class RoomMakers(ChatOptions options)
{
    private readonly Book _users = new(options.CreateRate, options.CreateBurst, options.MaxRoomsPerUser, options.Time);
    private readonly Book _addresses = new(
        options.CreateRate * options.AddressFactor, Times(options.CreateBurst, options.AddressFactor), Times(options.MaxRoomsPerUser, options.AddressFactor), options.Time);
    private readonly Dictionary<RoomName, (Maker User, Maker? Address)> _makersOf = [];

    /// <summary>A user would make a room: null where that may be, else why not.</summary>
    /// <param name="user">Whom it would count for.</param>
    /// <param name="from">The user's address; null for one without limits.</param>
    /// <param name="room">The room.</param>
    public ServerEvent.Error? TryMake(UserName user, string? from, RoomName room)
    {
        // Where it is made anew, its end wasn't told yet.
        Gone(room);
        var (maker, address) = (_users.Find(user.Folded), from is null ? null : _addresses.Find(from));
        if (_users.HasAllOf(maker))
            return new ServerEvent.Error(
                ErrorCodes.TooManyRooms, $"You have made {maker.Rooms} rooms, as many as one may. Join one of them.", room.Value);
        if (address is not null && _addresses.HasAllOf(address))
            return new ServerEvent.Error(
                ErrorCodes.TooManyRooms, $"{address.Rooms} rooms were made from your address, as many as may be. Join one of them.", room.Value);
        if (maker.Bucket.TryTake() is { } wait)
            return new ServerEvent.Error(
                ErrorCodes.RateLimited, $"At most {options.CreateRate} new rooms a second. Wait a moment.", room.Value, wait);
        if (address?.Bucket.TryTake() is { } longer)
            return new ServerEvent.Error(
                ErrorCodes.RateLimited, "Too many new rooms are made from your address. Wait a moment.", room.Value, longer);
        maker.Rooms++;
        if (address is not null)
            address.Rooms++;
        _makersOf[room] = (maker, address);
        return null;
    }

    /// <summary>A room is gone: it was never written in, and nobody is in it.</summary>
    public void Gone(RoomName room)
    {
        if (!_makersOf.Remove(room, out var makers))
            return;
        makers.User.Rooms--;
        if (makers.Address is { } address)
            address.Rooms--;
    }

    private static int Times(int count, double factor) => (int)Math.Min(Math.Ceiling(count * factor), int.MaxValue);

    private sealed class Maker(TokenBucket bucket)
    {
        public TokenBucket Bucket => bucket;

        public int Rooms { get; set; }
    }

    /// <summary>Makers of one kind. One whose rooms are gone is remembered while that was a moment ago.</summary>
    private sealed class Book(double rate, int burst, int most, TimeProvider time)
    {
        private const int Few = 1_000;

        private readonly Dictionary<string, Maker> _makers = new(StringComparer.Ordinal);
        private int _sweepAt = Few;

        public bool HasAllOf(Maker maker) => most > 0 && maker.Rooms >= most;

        public Maker Find(string name)
        {
            if (_makers.TryGetValue(name, out var known))
                return known;
            if (_makers.Count >= _sweepAt)
            {
                foreach (var (idle, _) in _makers.Where(maker => maker.Value is { Rooms: 0, Bucket.IsFull: true }).ToArray())
                    _makers.Remove(idle);
                _sweepAt = Math.Max(Few, _makers.Count * 2);
            }
            return _makers[name] = new Maker(new TokenBucket(rate, Math.Max(1, burst), time));
        }
    }
}
