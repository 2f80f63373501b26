namespace Tool;

internal static class CompressText
{
    private static string[] Heads(CompressResult first) =>
        ["<form", "bytes", "of float32", first.IsError ? "mean error" : "accuracy", "95 % interval", "multiply-adds", "time of a row"];

    internal static string Table(
        IReadOnlyList<CompressResult> results, IReadOnlyList<(string Name, long Bytes)> updates, CompressScale scale)
    {
        var text = new StringBuilder();
        Row(["form", .. Heads(results[0])[1..]]);
        foreach (var result in results) { Row(Cells(result, results[0])); }
        text.Append(scale).Append('\n');
        foreach (var refused in Refused(results)) { text.Append(refused).Append('\n'); }
        foreach (var (name, bytes) in updates)
        {
            text.Append(CultureInfo.InvariantCulture, $"an update as {name}: {Figures.Count(bytes)} bytes\n");
        }

        return text.ToString().TrimEnd();

        void Row(string[] cells) => text.Append(string.Create(CultureInfo.InvariantCulture,
            $"{cells[0],-18} {cells[1],11} {cells[2],11} {cells[3],10} {cells[4],18} {cells[5],14} {cells[6],14}").TrimEnd()).Append('\n');
    }

    internal static string Json(
        IReadOnlyList<CompressResult> results, IReadOnlyList<(string Name, long Bytes)> updates, CompressScale scale) =>
        MemoryJson.Text(json =>
    {
        json.WriteNumber("rows", scale.Rows);
        json.WriteNumber("guess", scale.Guess);
        json.WriteStartArray("forms");
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("name", result.Name);
            if (result.Refused is not null) { json.WriteString("refused", result.Refused); }
            else
            {
                json.WriteNumber("bytes", result.Bytes);
                json.WriteNumber(result.IsError ? "meanError" : "accuracy", result.Score);
                json.WriteStartArray("interval");
                foreach (var bound in result.Interval) { json.WriteNumberValue(bound); }
                json.WriteEndArray();
                json.WriteNumber("multiplyAdds", result.MultiplyAdds);
                json.WriteNumber("seconds", result.Seconds);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("updates");
        foreach (var (name, bytes) in updates)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("bytes", bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    internal static string Page(
        IReadOnlyList<CompressResult> results, IReadOnlyList<(string Name, long Bytes)> updates, CompressScale scale)
    {
        var made = results.Where(static r => r.Refused is null).ToList();
        return Fragment.Of(
            $"""
            {PageHead.Of("A model in smaller forms")}
            <body>
            <main>
            <h1>A model in smaller forms</h1>
            <p>{scale.ToString()}.</p>
            {Tables.Table("Forms of the model", Heads(results[0]), made.Select(r => Tables.Cells(Cells(r, results[0]))))}
            {Refused(results).Select(static r => Fragment.Of($"<p>{r}</p>"))}
            {Bars("score", made[0].IsError ? "Mean error" : "Accuracy", made, static r => r.Score, static r => r.ScoreText(r.Score))}
            {Bars("bytes", "Bytes of the file", made, static r => r.Bytes, static r => Figures.Bytes(r.Bytes))}
            {Bars("time", "Time of a row", made, static r => r.Seconds, static r => ProfileText.Time(r.Seconds))}
            {Tables.Table("What an update costs", ["<code", "bytes"], updates.Select(u => Tables.Cells(u.Name, Figures.Count(u.Bytes))))}
            </main>
            </body>
            </html>

            """).Markup;
    }

    private static Fragment Bars(string id, string title, List<CompressResult> results, Func<CompressResult, double> value,
        Func<CompressResult, string> label)
    {
        var chart = new BarChart
        {
            X = Axis.Exact(0, results.Max(value)),
            Rows = [.. results.Select(r => new BarRow(r.Name, [new([new(value(r), "s1", label(r))], label(r))]))],
        };
        return Fragment.Of($"<h2>{title}</h2>{chart.Plot(id, title, title, left: 130, right: 90)}");
    }

    private static IEnumerable<string> Refused(IEnumerable<CompressResult> results) =>
        results.Where(static r => r.Refused is not null).Select(static r => $"{r.Name}: {r.Refused}");

    private static string[] Cells(CompressResult result, CompressResult first)
    {
        if (result.Refused is not null) { return [result.Name, .. Enumerable.Repeat(Figures.None, 6)]; }
        return
        [
            result.Name, Figures.Count(result.Bytes), Figures.Percent((double)result.Bytes / first.Bytes), result.ScoreText(result.Score),
            $"{result.ScoreText(result.Interval[0])} to {result.ScoreText(result.Interval[1])}", Figures.Count(result.MultiplyAdds),
            ProfileText.Time(result.Seconds),
        ];
    }
}
