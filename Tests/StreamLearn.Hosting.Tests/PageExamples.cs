using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace StreamLearn.Hosting.Tests;

/// <summary>C# of docs/start/install.md and docs/guides/opentelemetry.md that needs packages, so that it is compiled.
/// Architecture.Tests holds both texts together.</summary>
internal static class PageExamples
{
    internal static async Task HostedAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddStreamLearn("pump-7", services => PumpPipeline.Create(services));
        await builder.Build().RunAsync();
    }

    internal static (MeterProvider, TracerProvider) Observe(MetricReader metrics, BaseProcessor<Activity> activities) => (
        Sdk.CreateMeterProviderBuilder().AddStreamLearnInstrumentation()
            .AddMeter("StreamLearn.Mqtt", "StreamLearn.Nats").AddReader(metrics).Build(),
        Sdk.CreateTracerProviderBuilder().AddStreamLearnInstrumentation().AddProcessor(activities).Build());

    private static class PumpPipeline
    {
        internal static Pipeline Create(IServiceProvider services)
        {
            ArgumentNullException.ThrowIfNull(services);
            return Pipeline.Define("pump-7", p => p.Input<Batch>("rows").Discard());
        }
    }
}
