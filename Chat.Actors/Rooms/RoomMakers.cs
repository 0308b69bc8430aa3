using Chat.Actors.Connections;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>Who made which of the rooms that there are, since the start, and how fast. Known by name: a session is made in no time.</summary>
internal sealed class RoomMakers(ChatOptions options)
{
    private sealed class Maker(TokenBucket bucket)
    {
        public TokenBucket Bucket => bucket;

        public int Rooms { get; set; }
    }

    private const int FewMakers = 1_000;

    private readonly Dictionary<string, Maker> _makers = new(StringComparer.Ordinal);
    private readonly Dictionary<RoomName, string> _makerOf = [];
    private int _sweepAt = FewMakers;

    /// <summary>A user would make a room: null where that may be, else why not.</summary>
    public ServerEvent.Error? TryMake(UserName user, RoomName room)
    {
        var isKnown = _makers.TryGetValue(user.Folded, out var maker);
        maker ??= new Maker(new TokenBucket(options.CreateRate, options.CreateBurst, options.Time));
        if (options.MaxRoomsPerUser > 0 && maker.Rooms >= options.MaxRoomsPerUser)
            return new ServerEvent.Error(
                ErrorCodes.TooManyRooms, $"You have made {maker.Rooms} rooms, as many as one may. Join one of them.", room.Value);
        if (maker.Bucket.TryTake() is { } wait)
            return new ServerEvent.Error(
                ErrorCodes.RateLimited, $"At most {options.CreateRate} new rooms a second. Wait a moment.", room.Value, wait);
        if (!isKnown)
            Add(user, maker);
        maker.Rooms++;
        _makerOf[room] = user.Folded;
        return null;
    }

    /// <summary>A room is gone: it was never written in, and nobody is in it.</summary>
    public void Gone(RoomName room)
    {
        if (_makerOf.Remove(room, out var user))
            _makers[user].Rooms--;
    }

    // Whose rooms are gone is remembered while that was a moment ago.
    private void Add(UserName user, Maker maker)
    {
        if (_makers.Count >= _sweepAt)
        {
            foreach (var (name, _) in _makers.Where(known => known.Value is { Rooms: 0, Bucket.IsFull: true }).ToArray())
                _makers.Remove(name);
            _sweepAt = Math.Max(FewMakers, _makers.Count * 2);
        }
        _makers.Add(user.Folded, maker);
    }
}
