using System.Text.RegularExpressions;

namespace Tool.Tests;

/// <summary>Console, JSON and page are of one result: each number that two of them show is the same.</summary>
public sealed partial class AgreementTests
{
    [Fact]
    public async Task Console_json_and_page_show_the_same_numbers()
    {
        using var folder = new TemporaryFolder();

        var run = await ToolRun.RunAsync("fit", "--devices", "6", "--seconds", "41", "--out", folder.Path);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var json = await folder.ResultAsync();
        var page = await folder.ReadAsync("report.html");
        AssertMain(run.Output, json);
        foreach (var mode in json.GetProperty("runs").EnumerateArray()) { AssertRun(run.Output, page, mode); }
        foreach (var device in json.GetProperty("devices").EnumerateArray()) { AssertDevice(run.Output, page, device); }
    }

    private static void AssertMain(string console, JsonElement json)
    {
        string[] columns =
        [
            "updates_applied", "updates_in_open_round", "messages_without_steps", "updates_lost", "updates_unknown", "updates_under_way",
        ];
        var refused = json.GetProperty("updates_refused").EnumerateObject().Sum(r => r.Value.GetInt64());
        Assert.Equal(Whole(json, "messages_sent"), columns.Sum(c => Whole(json, c)) + refused);
        Assert.Contains($"{Count(Whole(json, "messages_sent"))} sent = {Count(Whole(json, "updates_applied"))} applied", console,
            StringComparison.Ordinal);
        Assert.Contains($"{Count(Whole(json, "rows_in"))} in = {Count(Whole(json, "rows_windowed"))} windowed + "
            + $"{Count(json.GetProperty("rows_dropped").EnumerateObject().Sum(r => r.Value.GetInt64()))} dropped", console,
                StringComparison.Ordinal);
        Assert.Contains($"+ {Count(Whole(json, "rows_held"))} in open windows and queues\n", console, StringComparison.Ordinal);
        Assert.Contains($"{Count(Whole(json, "rows_trained"))} samples processed   "
            + $"{Count(Whole(json, "updates_applied"))} updates applied   "
            + $"{Count(Whole(json, "versions"))} model versions   {Count((long)Math.Round(Whole(json, "bytes_up") / 1024.0))} KiB", console,
            StringComparison.Ordinal);
        Assert.Contains($"accuracy {Number(json, "accuracy"):0.000} with early exits on {Count(Whole(json, "test_rows"))} windows", console,
            StringComparison.Ordinal);
        var devices = json.GetProperty("devices").EnumerateArray().ToList();
        Assert.Equal(Whole(json, "updates_sent"), devices.Sum(d => Whole(d, "updates")));
        Assert.Equal(Whole(json, "bytes_up"), devices.Sum(d => Whole(d, "bytes_up")));
        Assert.Equal(Whole(json, "rows_in"), devices.Sum(d => Whole(d, "rows")));
        Assert.Equal(41, Number(json, "virtual_seconds"));
    }

    private static void AssertRun(string console, string page, JsonElement run)
    {
        var (mode, messages) = (run.GetProperty("mode").GetString()!, run.GetProperty("messages"));
        Assert.Contains($"  {mode,-11}accuracy {Number(run, "accuracy"):0.000}", console, StringComparison.Ordinal);
        Assert.Contains(
            $"best {Number(run, "best_accuracy"):0.000} (version {Whole(run, "best_version")})   {Count(Whole(run, "versions"))} versions",
            console, StringComparison.Ordinal);
        var sent = Table(page, "Messages", mode);
        Assert.Equal(Count(Whole(messages, "messages")), sent["messages sent"]);
        Assert.Equal(Count(Whole(messages, "updates")), sent["updates among them"]);
        Assert.Equal(Count(Whole(messages, "applied")), sent["applied"]);
        Assert.Equal(Count(Whole(messages, "without_steps")), sent["without steps"]);
        Assert.Equal(Count(Whole(messages, "in_open_round")), sent["in the open round"]);
        Assert.Equal("yes", sent["adds up"]);
        var figures = Table(page, "Figures", mode);
        Assert.Equal(Count(Whole(run, "versions")), figures["versions"]);
        Assert.Equal(Count(Whole(run, "rows_trained")), figures["samples processed"]);
        Assert.Equal(Count(Whole(run, "bytes_up")), figures["bytes up"]);
        Assert.Equal($"{Number(run, "prequential_accuracy"):0.0000}", figures["accuracy on own rows"]);
        var rows = Table(page, "Row ledger", mode);
        Assert.Equal(Count(Whole(run, "rows_in")), rows["rows in"]);
        Assert.Equal(Count(Whole(run, "rows_windowed")), rows["windowed"]);
        Assert.Equal(Count(Whole(run, "rows_held")), rows["in open windows and queues"]);
        var dropped = run.GetProperty("rows_dropped").EnumerateObject().Sum(r => r.Value.GetInt64());
        Assert.Equal(Count(dropped), rows["dropped"]);
        Assert.Equal(dropped, Sum(page, $"Rows dropped, {mode}", "rows dropped"));
        Assert.Equal(run.GetProperty("weights_sha256").GetString(), Table(page, "Expected result", mode)["SHA-256 of the weights"]);
        Assert.Equal($"{Number(run, "accuracy"):0.0000}", Table(page, "Expected result", mode)["accuracy"]);
    }

    private static void AssertDevice(string console, string page, JsonElement device)
    {
        var name = device.GetProperty("name").GetString()!;
        Assert.Equal(Count(Whole(device, "updates")), Table(page, "Pace, async", name)["updates"]);
        Assert.Equal(Count(Whole(device, "rows_trained")), Table(page, "Work, async", name)["samples processed"]);
        Assert.Equal(Count(Whole(device, "bytes_up")), Table(page, "Bytes by device", name)["bytes up"]);
        var own = device.GetProperty("prequential_accuracy") is { ValueKind: JsonValueKind.Number } a ? $"{a.GetDouble():0.000}" : "–";
        var (windows, updates) = (Count(Whole(device, "windows")), Count(Whole(device, "updates")));
        Assert.Matches($"(?m)^  {name} .* {Regex.Escape(windows)} +{Regex.Escape(updates)} +{Regex.Escape(own)} "
            + $".* {device.GetProperty("state").GetString()}$", console);
    }

    /// <summary>The cells of the first row whose head is a name, in the table of a caption, by column.</summary>
    private static Dictionary<string, string> Table(string page, string caption, string row)
    {
        var (heads, rows) = Read(page, caption);
        if (heads[0] == "figure") { return rows.ToDictionary(static r => r[0], r => r[heads.IndexOf(row)], StringComparer.Ordinal); }
        var cells = rows.First(r => r[0] == row);
        return heads.Zip(cells).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal);
    }

    private static long Sum(string page, string caption, string column)
    {
        var (heads, rows) = Read(page, caption);
        return rows.Sum(r => long.Parse(r[heads.IndexOf(column)], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
    }

    private static (List<string> Heads, List<List<string>> Rows) Read(string page, string caption)
    {
        var from = page.IndexOf($"<caption>{caption}</caption>", StringComparison.Ordinal);
        Assert.True(from >= 0, $"the page has no table '{caption}'");
        var rows = Rows().Matches(page[from..page.IndexOf("</table>", from, StringComparison.Ordinal)])
            .Select(r => Cells().Matches(r.Value).Select(c => Tags().Replace(c.Groups[1].Value, "")).ToList()).ToList();
        return (rows[0], rows[1..]);
    }

    private static long Whole(JsonElement json, string key) => json.GetProperty(key).GetInt64();

    private static double Number(JsonElement json, string key) => json.GetProperty(key).GetDouble();

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    [GeneratedRegex("<tr>.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex Rows();

    [GeneratedRegex("<t[hd][^>]*>(.*?)</t[hd]>", RegexOptions.Singleline)]
    private static partial Regex Cells();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();
}
