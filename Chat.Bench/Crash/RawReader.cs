namespace Chat.Bench.Crash;

/// <summary>A reader on raw sockets who comes and goes.</summary>
internal sealed class RawReader(string name, IReadOnlyList<Place> places, CrashRecord record, Random random) : ICrashUser
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly RawUser _user = new(name, places, record);

    public string Name => name;

    public IReadOnlyList<Place> Places => places;

    public int Unanswered => 0;

    public bool HasFinished => true;

    public async Task RunAsync(CrashStage stage, CancellationToken cancellation)
    {
        while (true)
        {
            if (await _user.VisitAsync(stage.Server, cancellation) is not { } visit)
            {
                await Task.Delay(random.Next(20, 200), cancellation);
                continue;
            }
            using (visit)
            {
                var stay = random.Next(50, 3_000) / Look.TotalMilliseconds;
                for (var looks = 0; !visit.IsOver && (looks < stay || stage.IsEnding); looks++)
                {
                    if (stage.IsAtEnd(places))
                    {
                        await visit.EndAsync(isLogout: true);
                        return;
                    }
                    if (random.Next(100) == 0)
                        _user.Join(visit, places[random.Next(places.Count)]);
                    await Task.Delay(Look, cancellation);
                }
                await visit.EndAsync(isLogout: random.Next(2) == 0);
            }
            if (!stage.IsEnding)
                await Task.Delay(random.Next(1_000), cancellation);
        }
    }
}
