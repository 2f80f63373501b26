using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Aggregator;

internal static class AggregatorInit
{
    internal static InitOptions Create()
    {
        var sensor = new Option<string?>("--model-of")
        {
            Description = "Take fleet, server and model from the configuration of a sensor program.",
            HelpName = "file",
        };
        return new([sensor], result => Task.FromResult(result.GetValue(sensor) is { } file ? Text(file) : null));
    }

    internal static string Text(string file)
    {
        var (link, model, inStep, below) = ConfigTree.Load([file]).Read(map =>
        {
            var model = SensorModel.Read(map.Known());
            var written = new DirectoryInfo(map["state"].Text().Or("state"));
            return (LinkConfig.Read(map, isSensor: true) with { State = written }, model, map.Section("exchange", InStep),
                (Split: SplitSection.Read(map, model), Answers: RestSection.Read(map)));
        }).Value;
        var text = new StringBuilder("streamlearn: 1                    # version of the file format\n");
        text.Append(CultureInfo.InvariantCulture, $"fleet: {link.Fleet}\nstate: {Quoted($"{link.State}")}\n");
        text.Append(CultureInfo.InvariantCulture, $"link:\n  url: {EdgeServer.NameOf(link.Url)}\n");
        text.Append("  # login: login.txt              # two lines: user name and password\n");
        if (link.Url.Scheme == "mqtt") { text.Append(AggregatorSample.BrokerAt(link.Url)); }
        text.Append(CultureInfo.InvariantCulture, $"{model.ToText()}  # that of {PrintableText.Of(Path.GetFileName(file))}\n");
        // with a split every device waits for the next version; devices of one class each have their number in the sensor's file
        return text.Append(AggregatorSample.Rules(inStep ?? (below.Split.Length > 0 ? 1 : null), average: inStep > 1))
            .Append(below.Split).Append(below.Answers).ToString();
    }

    /// <summary>Returns the number of devices per version; null for an asynchronous fleet.</summary>
    private static int? InStep(ConfigMap exchange)
    {
        var devices = (int)exchange.Known()["devices"].Whole(1, 10_000).Or(1);
        return exchange["mode"].Word(("async", false), ("barrier", true)).Or(false) ? devices : null;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
