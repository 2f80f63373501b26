using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace StreamLearn.Hosting.Tests;

public sealed class InstrumentationTests
{
    [Fact]
    public async Task OpenTelemetry_collects_the_counters_of_every_block()
    {
        var collected = new Collected();
        using var reader = new BaseExportingMetricReader(collected);
        using var provider = Sdk.CreateMeterProviderBuilder().AddStreamLearnInstrumentation().AddReader(reader).Build();
        await using var run = Pipeline.Define("measured", p => p.Input<string>("in").Discard("unwanted"))
            .Start(null, TestContext.Current.CancellationToken);
        for (var i = 0; i < 5; i++) { await run.SendAsync("in", "message", TestContext.Current.CancellationToken); }
        while (run.Metrics["discard in"].ItemsIn < 5) { await Task.Yield(); }
        reader.Collect();
        Assert.Equal(5, collected.Sums["streamlearn.block.items_in measured/discard in"]);
        Assert.Contains("streamlearn.block.drops measured/discard in", collected.Sums.Keys);
    }

    private sealed class Collected : BaseExporter<Metric>
    {
        internal Dictionary<string, long> Sums { get; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                if (metric.MetricType != MetricType.LongSum) { continue; }
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var tags = new Dictionary<string, object?>();
                    foreach (var tag in point.Tags) { tags[tag.Key] = tag.Value; }
                    Sums[$"{metric.Name} {tags["pipeline"]}/{tags["block"]}"] = point.GetSumLong();
                }
            }
            return ExportResult.Success;
        }
    }
}
