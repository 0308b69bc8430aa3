namespace Chat.Bench.Crash;

/// <summary>A reader with a <see cref="Protocol.Client.ChatClient"/>, which lives through some kills before the reader leaves and comes back with another.</summary>
internal sealed class ClientReader(string name, IReadOnlyList<Place> places, CrashRecord record, Random random) : ICrashUser
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public string Name => name;

    public IReadOnlyList<Place> Places => places;

    public int Unanswered => 0;

    public bool HasFinished => true;

    public async Task RunAsync(CrashStage stage, CancellationToken cancellation)
    {
        while (true)
        {
            await using (var user = new ClientUser(name, places, record, stage.Server))
            {
                await user.EnterAsync(cancellation);
                var stay = random.Next(200, 12_000) / Look.TotalMilliseconds;
                for (var looks = 0; !user.IsOver && (looks < stay || stage.IsEnding); looks++)
                {
                    if (stage.IsAtEnd(places))
                        return;
                    if (random.Next(100) == 0)
                        user.Rejoin(places[random.Next(places.Count)]);
                    await Task.Delay(Look, cancellation);
                }
            }
            if (!stage.IsEnding)
                await Task.Delay(random.Next(1_500), cancellation);
        }
    }
}
