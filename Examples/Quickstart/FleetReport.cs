using System.Globalization;
using System.Text;

namespace Quickstart;

/// <summary>Writes the files of the job.</summary>
internal static class FleetReport
{
    internal static async Task WriteAsync(QuickstartOptions options, FleetRun main, FleetResult result, List<RunEvent> events)
    {
        if (options.Json is not null) { await Files.WriteAsync(options.Json, result.ToJson() + "\n").ConfigureAwait(false); }
        var lines = new StringWriter(CultureInfo.InvariantCulture);
        RunEvents.Write(lines, events);
        await Write("events.jsonl", lines.ToString()).ConfigureAwait(false);
        await Write("report.html", HtmlReport.Of(events)).ConfigureAwait(false);
        await Write("result.json", result.ToJson() + "\n").ConfigureAwait(false);
        await Write("accuracy.csv", Csv(events)).ConfigureAwait(false);
        await Write("accuracy.svg", HtmlReport.AccuracySvg(events)).ConfigureAwait(false);
        var pipelines = Texts.Both(main);
        await Write("explain.txt", string.Join('\n', pipelines.Select(p => p.Explain()))).ConfigureAwait(false);
        foreach (var (name, pipeline) in new[] { ("sensor", pipelines[0]), ("aggregator", pipelines[1]) })
        {
            await Write($"{name}.mmd", pipeline.ToMermaid()).ConfigureAwait(false);
            await Write($"{name}.dot", pipeline.ToDot()).ConfigureAwait(false);
        }

        Task Write(string name, string text) => Files.WriteAsync(new(Path.Join(options.Out.FullName, name)), text);
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
