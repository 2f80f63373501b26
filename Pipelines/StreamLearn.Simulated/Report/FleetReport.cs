using System.Globalization;
using System.Text;

namespace StreamLearn.Simulated;

internal static class FleetReport
{
    internal static void Write(FleetOptions options, FleetRun main, FleetResult result, List<RunEvent> events)
    {
        if (options.Json is not null) { Files.Write(options.Json, result.ToJson() + "\n"); }
        var lines = new StringWriter(CultureInfo.InvariantCulture);
        RunEvents.Write(lines, events);
        Write("events.jsonl", lines.ToString());
        Write("report.html", HtmlReport.Of(events));
        Write("result.json", result.ToJson() + "\n");
        Write("accuracy.csv", Csv(events));
        var pipelines = Texts.Both(main);
        Write("explain.txt", string.Join('\n', pipelines.Select(p => p.Explain())));
        foreach (var (name, pipeline) in new[] { ("sensor", pipelines[0]), ("aggregator", pipelines[1]) })
        {
            Write($"{name}.mmd", Texts.Graph(pipeline, "mermaid"));
            Write($"{name}.dot", Texts.Graph(pipeline, "dot"));
        }

        void Write(string name, string text) => Files.Write(new(Path.Join(options.Out.FullName, name)), text);
    }

    private static string Csv(List<RunEvent> events)
    {
        var text = new StringBuilder("mode,seconds,version,accuracy,kappa,loss\n");
        foreach (var judged in events.OfType<Judged>())
        {
            text.Append(CultureInfo.InvariantCulture, $"{judged.Mode},{judged.Seconds:0.###},{judged.Version},")
                .Append(CultureInfo.InvariantCulture, $"{judged.Accuracy:0.#####},{judged.Kappa:0.#####},{judged.Loss:0.#####}\n");
        }

        return text.ToString();
    }
}
