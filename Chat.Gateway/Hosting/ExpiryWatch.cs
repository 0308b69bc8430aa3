using System.Security.Cryptography.X509Certificates;

namespace Chat.Gateway.Hosting;

/// <summary>Warns at the start, and once a day, of certificates that are out of date soon.</summary>
/// <param name="certificates">The option that names each, and the one that is in use.</param>
/// <param name="time">What it is.</param>
/// <param name="logger">Is told.</param>
internal sealed partial class ExpiryWatch(IReadOnlyList<(string Option, Func<X509Certificate2> Current)> certificates, TimeProvider time, ILogger<ExpiryWatch> logger) : BackgroundService
{
    // What renews them by itself does so before: a month, or a third of a shorter life.
    private static readonly TimeSpan Soon = TimeSpan.FromDays(28);
    private const int PartOfLife = 4;
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                foreach (var (option, current) in certificates)
                {
                    var (begins, ends) = (current().NotBefore, current().NotAfter);
                    var soon = (ends - begins) / PartOfLife is var part && part < Soon ? part : Soon;
                    if (ends - time.GetLocalNow().DateTime < soon)
                        LogSoon(logger, option, ends.ToUniversalTime());
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // As with SilenceWatch.
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The certificate of {Option} is out of date from {Until:u} on: renew it before")]
    private static partial void LogSoon(ILogger logger, string option, DateTime until);
}
