using Chat.Bench.Runs;

namespace Chat.Bench.Crash;

/// <summary>The users of a crash test: of both kinds, on raw sockets and with a <see cref="Protocol.Client.ChatClient"/>.</summary>
internal static class CrashUsers
{
    /// <summary>Writers in two rooms each, readers in all.</summary>
    public static IEnumerable<ICrashUser> Make(CrashSettings settings, CrashPlan plan, IReadOnlyList<string> rooms, CrashRecord record)
    {
        for (var number = 0; number < settings.Writers; number++)
        {
            var name = number % 2 == 0 ? $"raw-writer-{number}" : $"client-writer-{number}";
            IReadOnlyList<Place> places = Places(name, new[] { rooms[number % rooms.Count], rooms[(number + 1) % rooms.Count] }.Distinct());
            yield return number % 2 == 0 ? new RawWriter(name, places, record, plan.For(name)) : new ClientWriter(name, places, record, plan.For(name));
        }
        for (var number = 0; number < settings.Readers; number++)
        {
            var name = number % 2 == 0 ? $"raw-reader-{number}" : $"client-reader-{number}";
            IReadOnlyList<Place> places = Places(name, rooms);
            yield return number % 2 == 0 ? new RawReader(name, places, record, plan.For(name)) : new ClientReader(name, places, record, plan.For(name));
        }

        Place[] Places(string name, IEnumerable<string> within) => [.. within.Select(room => record.PlaceOf(name, room))];
    }
}
