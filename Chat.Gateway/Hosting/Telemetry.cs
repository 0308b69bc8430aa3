using Chat.Actors;
using Chat.Gateway.Configuration;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Chat.Gateway.Hosting;

/// <summary>
/// What is measured, on its way out: <c>/metrics</c> for Prometheus, and over OTLP where the standard variables (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its like)
/// say where to.
/// </summary>
internal static class Telemetry
{
    private const string Service = "chat-gateway";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

    // The runtime's own, and those of the server below: what it refused before it came here.
    private static readonly string[] Meters = [ChatMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>Adds what is asked for; nothing where nothing is.</summary>
    public static void AddChatTelemetry(this IServiceCollection services, GatewayOptions options, string version)
    {
        var (sendsMetrics, sendsTraces) = (IsSet(Endpoint) || IsSet(MetricsEndpoint), IsSet(Endpoint) || IsSet(TracesEndpoint));
        if (!options.Metrics && !sendsMetrics && !sendsTraces)
            return;
        // The environment's own name for it wins.
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(Service, serviceVersion: version).AddEnvironmentVariableDetector());
        if (options.Metrics || sendsMetrics)
            telemetry.WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters);
                if (options.Metrics)
                    metrics.AddPrometheusExporter();
                if (sendsMetrics)
                    metrics.AddOtlpExporter();
            });
        if (sendsTraces)
            telemetry.WithTracing(traces => traces.AddSource(ChatMeter.Name).AddOtlpExporter());
        services.AddSingleton<GatewayMeter>();
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
