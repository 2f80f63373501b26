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
        text.Append(scale).Append('\n').Append(Advice(results)).Append('\n');
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
        json.WriteString("take", Taken(results).Name);
        json.WriteNumber("rows", scale.Rows);
        json.WriteNumber("guess", scale.Guess);
        json.WriteString("scoredOn", scale.Judges.Text);
        if (scale.Judges.AreUnseen is { } areUnseen) { json.WriteBoolean("unseen", areUnseen); }
        else { json.WriteNull("unseen"); }      // unknown
        json.WriteStartArray("devices");
        foreach (var device in scale.Judges.Devices) { json.WriteStringValue(device); }
        json.WriteEndArray();
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

    /// <summary>Returns the smallest form whose score is within the interval of float32.</summary>
    internal static CompressResult Taken(IReadOnlyList<CompressResult> results) => results
        .Where(r => r.Refused is null && (r == results[0] || (r.IsError ? r.Score <= results[0].Interval[1]
            : r.Score >= results[0].Interval[0]))).MinBy(static r => r.Bytes)!;

    /// <summary>Names the form to take, and why, in a sentence.</summary>
    internal static string Advice(IReadOnlyList<CompressResult> results)
    {
        var (first, taken) = (results[0], Taken(results));
        var (score, interval) = (first.IsError ? "mean error" : "accuracy",
            $"{first.ScoreText(first.Interval[0])} to {first.ScoreText(first.Interval[1])}");
        return taken == first
            ? $"Keep float32: no smaller form has {(first.IsError ? "a mean error" : "an accuracy")} within its interval, {interval}."
            : $"Take {taken.Name}: {Figures.Count(taken.Bytes)} bytes in place of {Figures.Count(first.Bytes)}; it is the smallest form "
                + $"whose {score} ({taken.ScoreText(taken.Score)}) is within the interval of float32 "
                + $"({first.ScoreText(first.Score)}; {interval}).";
    }

    internal static string Html(
        IReadOnlyList<CompressResult> results, IReadOnlyList<(string Name, long Bytes)> updates, CompressScale scale)
    {
        var made = results.Where(static r => r.Refused is null).ToList();
        Section[] sections =
        [
            new("forms", "Forms of the model", Refused(results).ToList(), "", Fragment.Of(
                $"""
                {Tables.Table("Forms of the model", Heads(results[0]), made.Select(r => Tables.Cells(Cells(r, results[0]))))}
                {Plot(made[0].IsError ? "Mean error" : "Accuracy", made, static r => r.Score, made[0].ScoreText)}
                {Plot("Bytes of the file", made, static r => r.Bytes, Figures.Bytes)}
                {Plot("Time of a row", made, static r => r.Seconds * 1e9, static n => ProfileText.Time(n / 1e9))}
                """)),
            new("updates", "What an update costs", ["A device of a fleet sends updates; a code makes them smaller."], "",
                Tables.Table("Bytes of an update", ["<code", "bytes"], updates.Select(u => Tables.Cells(u.Name, Figures.Count(u.Bytes))))),
        ];
        return Page.Of("A model in smaller forms", Fragment.Of(
            $"""
            <header class="top">
            <p class="kicker">StreamLearn<span> · a model in smaller forms</span></p>
            <h1>{Advice(results)}</h1>
            <p class="facts">{scale.ToString()}.</p></header>
            <main>
            {sections.Select(static s => s.Draw())}</main>
            """));
    }

    private static Fragment Plot(string title, List<CompressResult> results, Func<CompressResult, double> value, Func<double, string> text)
    {
        var chart = new Chart(title) { Rows = results.Select(r => r.Name), Bars = [Bars.Of(title, "c0", results, value, text)] };
        return Section.Figure(title, chart.Draw(), Fragment.Empty);
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
