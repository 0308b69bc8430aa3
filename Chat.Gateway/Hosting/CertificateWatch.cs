namespace Chat.Gateway.Hosting;

/// <summary>Looks every few seconds whether the certificate's files changed.</summary>
internal sealed class CertificateWatch(ServerCertificate certificate, TimeProvider time, ILogger<CertificateWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                certificate.Renew(logger);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // As with SilenceWatch.
        }
    }
}
