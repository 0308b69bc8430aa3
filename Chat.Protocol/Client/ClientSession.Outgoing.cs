namespace Chat.Protocol.Client;

// What the user publishes: sent in order, paced, and sent again under the same id until it is stored or refused for good.
internal sealed partial class ClientSession
{
    private const int MostFaults = 3;

    private TokenBucket _publishPace = new(0, 1);
    private long _published;

    /// <summary>What was published and neither stored nor refused yet, in order.</summary>
    public IReadOnlyList<OutgoingMessage> Unacked =>
        [.. _rooms.Values.SelectMany(room => room.Steps).OfType<Outgoing>().OrderBy(outgoing => outgoing.Number).Select(outgoing => outgoing.Picture())];

    /// <summary>Publishes.</summary>
    public void Publish(Call<ServerEvent.Ack> call, TimeSpan now)
    {
        if (IsOver(call))
            return;
        var request = (Request.Publish)call.Request;
        var room = FindOrAdd(request.Room);
        var outgoing = new Outgoing(++_published, room, request.Id ?? NextId(), call);
        room.Steps.AddLast(outgoing);
        Change(outgoing, OutgoingStatus.Queued);
        Pump(now);
    }

    private void PumpPublishes(TimeSpan now)
    {
        while (HasPlace && NextPublish(now) is { } outgoing)
        {
            if (!_publishPace.TryTake(now))
            {
                PumpAgainAt(_publishPace.NextAt(now));
                return;
            }
            var room = outgoing.Room;
            if (!Send(new Request.Publish(room.Name, outgoing.Text) { Id = outgoing.Id }))
            {
                Refuse(outgoing, TooLarge(ErrorCodes.MessageTooLong));
                continue;
            }
            var (number, at) = Stamp(now);
            _inFlight[outgoing.Id] = new InFlight.Publish(number, at, outgoing);
            room.Sent();
            outgoing.WasSent = true;
            Change(outgoing, OutgoingStatus.Sent);
        }
    }

    // Across rooms, the one that was published first.
    private Outgoing? NextPublish(TimeSpan now)
    {
        Outgoing? first = null;
        foreach (var room in _rooms.Values)
        {
            // An id is under way once at a time: the answer tells only the id.
            if (room.NextToSend(now) is { } outgoing && (first is null || outgoing.Number < first.Number) && !_inFlight.ContainsKey(outgoing.Id))
                first = outgoing;
        }
        return first;
    }

    private void OnAck(ServerEvent.Ack ack)
    {
        if (ack.Id is null)
            return;
        if (_inFlight.TryGetValue(ack.Id, out var request) && request is InFlight.Publish { Outgoing: var outgoing } && outgoing.Room.Name == ack.Room)
        {
            _inFlight.Remove(ack.Id);
            outgoing.Room.Answered();
            outgoing.Room.Accepted();
            Store(outgoing, ack);
            Discard(outgoing.Room);
        }
        else if (Find(ack.Room)?.FindSent(ack.Id) is { } late)
        {
            Store(late, ack);
        }
    }

    private void OnPublishRefused(Outgoing outgoing, ServerEvent.Error error, TimeSpan now)
    {
        var room = outgoing.Room;
        room.Answered();
        if (outgoing.Status != OutgoingStatus.Sent)
            return;
        if (error.Code == ErrorCodes.Internal)
            outgoing.Faults++;
        if (!IsPassing(error.Code) || outgoing.Faults >= MostFaults)
        {
            Refuse(outgoing, error);
            return;
        }
        // This one and whatever of the room's was refused with it go again in order, once the answers to all are in.
        room.HoldBack(now, error.RetryAfter);
        if (error.Code == ErrorCodes.RateLimited)
            _publishPace.Pause(room.HeldUntil);
        Change(outgoing, OutgoingStatus.Queued, error: error);
    }

    // The log holds it: there is no need to wait for the ack, which may have been lost with a connection.
    private void Strike(RoomSession room, ServerEvent.Message message)
    {
        if (message.User == User && room.FindSent(message.Id) is { } outgoing)
            Store(outgoing, new ServerEvent.Ack(message.Room, message.Seq, message.Timestamp, Duplicate: false) { Id = message.Id });
    }

    private void Store(Outgoing outgoing, ServerEvent.Ack ack)
    {
        if (!outgoing.Room.Steps.Remove(outgoing))
            return;
        Change(outgoing, OutgoingStatus.Stored, ack.Seq);
        outgoing.Call.Complete(ack);
    }

    private void Refuse(Outgoing outgoing, ServerEvent.Error error)
    {
        outgoing.Room.Steps.Remove(outgoing);
        Change(outgoing, OutgoingStatus.Refused, error: error);
        outgoing.Call.Fail(Refusal(error));
        Discard(outgoing.Room);
    }

    private void Change(Outgoing outgoing, OutgoingStatus status, long? seq = null, ServerEvent.Error? error = null)
    {
        outgoing.Status = status;
        Tell(new ClientEvent.PublishChanged(outgoing.Picture(seq, error)));
    }
}
