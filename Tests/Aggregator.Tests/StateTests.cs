using System.Text;

namespace Aggregator.Tests;

public sealed class StateTests
{
    [Fact]
    public void A_reader_finds_a_whole_status_at_any_time()
    {
        using var folder = new TemporaryFolder();
        var state = new StatusFolder(new(folder.Path));
        var record = new FleetRecord(Rounds.Facts);
        var few = record.At(Rounds.Counted(1), Rounds.Start);
        record.Add(Rounds.Of(1, 0, Enumerable.Range(0, 1000).Select(static d => $"d{d}")));
        var many = record.At(Rounds.Counted(1), Rounds.Start);
        state.Write(few);

        var written = 0;
        var writer = Task.Run(() =>
        {
            for (; written < 300; written++) { state.Write(written % 2 == 0 ? many : few); }
        }, TestContext.Current.CancellationToken);
        var read = 0;
        do
        {
            Assert.NotNull(StatusReading.Read(state, Rounds.Start));
            read++;
        }
        while (!writer.IsCompleted);

        Assert.True(writer.IsCompletedSuccessfully);
        Assert.InRange(read, 1, int.MaxValue);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_reader_is_told_why_a_program_does_not_run()
    {
        using var folder = new TemporaryFolder();
        var state = new StatusFolder(new(folder.Path));
        string? Absence(FleetStatus status, double seconds)
        {
            state.Write(status);
            return StatusReading.Read(state, Rounds.Start + TimeSpan.FromSeconds(seconds))!.Absence;
        }

        Assert.Null(StatusReading.Read(state, Rounds.Start));
        var status = new FleetRecord(Rounds.Facts).At(new(), Rounds.Start);
        Assert.Null(Absence(status, 4));
        Assert.EndsWith("last written 6 s ago", Absence(status, 6), StringComparison.Ordinal);
        Assert.Equal("it ended 3 min ago", Absence(status with { Running = false }, 180));
        var gone = status with { Facts = status.Facts with { Process = int.MaxValue } };
        Assert.Contains("has ended", Absence(gone, 1), StringComparison.Ordinal);
        File.WriteAllText(state.Status, "{\"format\":\"other\"}");
        Assert.Throws<FormatException>(() => StatusReading.Read(state, Rounds.Start));
        File.WriteAllText(state.Status, "{");
        Assert.Throws<FormatException>(() => StatusReading.Read(state, Rounds.Start));
    }

    [Fact]
    public async Task Updates_are_written_down_in_two_files_of_bounded_size()
    {
        using var folder = new TemporaryFolder();
        var state = new StatusFolder(new(folder.Path));
        var devices = Enumerable.Range(0, 4000).Select(static d => $"device-{d}").ToList();
        for (var version = 1; version <= 20; version++)
        {
            await using var log = new UpdateLog(state, Assert.Fail);        // each takes up where the one before ended
            log.Start(Rounds.Start);
            log.Add(Rounds.Of(version, version, devices, ("x", "norm")));
        }

        var sizes = new[] { state.Updates, state.OlderUpdates }.Select(static f => new FileInfo(f).Length).ToList();
        Assert.All(sizes, static s => Assert.InRange(s, 1, UpdateLog.MaxBytes + (1 << 20)));
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
        var last = new UpdateTail(state).Last(20_000).ToList();
        Assert.Equal(20_000, last.Count);
        using var newest = JsonDocument.Parse(last[^1]);
        Assert.Equal(("x", 20, "norm"), (newest.RootElement.GetProperty("device").GetString(),
            newest.RootElement.GetProperty("sequence").GetInt32(), newest.RootElement.GetProperty("result").GetString()));
        using var before = JsonDocument.Parse(last[^2]);
        var update = before.RootElement;
        Assert.Equal(("device-3999", 1, 20, "accepted", 19, 0, 64, 0.5, 0.25), (
            update.GetProperty("device").GetString(), update.GetProperty("epoch").GetInt32(), update.GetProperty("sequence").GetInt32(),
            update.GetProperty("result").GetString(), update.GetProperty("base").GetInt32(), update.GetProperty("staleness").GetInt32(),
            update.GetProperty("samples").GetInt32(), update.GetProperty("weight").GetDouble(), update.GetProperty("norm").GetDouble()));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_to_is_complained_of_once()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("updates.jsonl"));
        List<string> complaints = [];
        await using (var log = new UpdateLog(new(new(folder.Path)), complaints.Add))
        {
            log.Start(Rounds.Start);
            for (var version = 1; version <= 5; version++) { log.Add(Rounds.Of(version, version, ["a"])); }
        }

        Assert.StartsWith("updates cannot be recorded: ", Assert.Single(complaints), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_disk_is_too_slow_for_is_counted()
    {
        using var folder = new TemporaryFolder();
        var state = new StatusFolder(new(folder.Path));
        await using (var log = new UpdateLog(state, Assert.Fail))
        {
            for (var version = 1; version <= 300; version++) { log.Add(Rounds.Of(version, version, ["a", "b"])); }      // it has not begun
            log.Start(Rounds.Start);
        }

        Assert.Equal("{\"lost\":88}", File.ReadLines(state.Updates).First());
        Assert.Equal(1 + 512, File.ReadLines(state.Updates).Count());
        Assert.Equal("(88 updates were not recorded)", UpdatesCommand.Text("{\"lost\":88}"));
    }

    [Fact]
    public async Task After_a_kill_the_last_line_of_an_update_holds_and_the_file_says_where_that_was()
    {
        using var folder = new TemporaryFolder();
        var state = new StatusFolder(new(folder.Path));
        async Task RunAsync(params Round[] rounds)
        {
            await using var log = new UpdateLog(state, Assert.Fail);
            log.Start(Rounds.Start);
            foreach (var round in rounds) { log.Add(round); }
        }

        await RunAsync(Rounds.Of(1, 1, ["a", "b"]), Rounds.Of(2, 2, ["a"]));
        await File.AppendAllTextAsync(state.Updates, "{\"time\":\"2026-", TestContext.Current.CancellationToken);     // half a line
        await RunAsync(Rounds.Of(2, 2, ["b"], ("a", "norm")));

        var lines = File.ReadLines(state.Updates).Select(static l => JsonDocument.Parse(l).RootElement).ToList();
        string[] expected = ["a 1 accepted", "b 1 accepted", "a 2 accepted", "started", "lost 1", "b 2 accepted", "a 2 norm"];
        Assert.Equal(expected, lines.Select(static l => l.TryGetProperty("started", out _) ? "started"
            : l.TryGetProperty("lost", out var lost) ? $"lost {lost}"
            : $"{l.GetProperty("device")} {l.GetProperty("sequence")} {l.GetProperty("result")}"));
        Assert.Equal("(restart: if an update has several lines, the last one is valid)",
            UpdatesCommand.Text(File.ReadLines(state.Updates).ElementAt(3)));
    }

    [Fact]
    public async Task What_a_full_disk_did_not_take_is_counted_once_it_takes_more()
    {
        using var folder = new TemporaryFolder();
        var state = new StatusFolder(new(folder.Path));
        Directory.CreateDirectory(state.Updates);
        List<string> said = [];
        await using (var log = new UpdateLog(state, text =>
        {
            said.Add(text);
            if (said.Count == 1) { Directory.Delete(state.Updates); }
        }))
        {
            log.Start(Rounds.Start);
            log.Add(Rounds.Of(1, 1, ["a", "b"]));
            log.Add(Rounds.Of(2, 2, ["a"]));
        }

        Assert.Equal("updates are recorded again; a line says how many are missing", said[^1]);
        Assert.Equal("{\"lost\":2}", File.ReadLines(state.Updates).First());
        Assert.Equal(2, File.ReadLines(state.Updates).Count());
    }

    [Fact]
    public void A_tail_goes_on_over_a_change_of_files_and_half_lines()
    {
        using var folder = new TemporaryFolder();
        var state = new StatusFolder(new(folder.Path));
        void Append(string text) => File.AppendAllText(state.Updates, text, Encoding.ASCII);
        Append("1\n2\n3\n");
        var tail = new UpdateTail(state);

        Assert.Equal(["2", "3"], tail.Last(2));
        Append("4\n5");
        Assert.Equal(["4"], tail.Next());
        Append("5\n");
        File.Move(state.Updates, state.OlderUpdates);
        Append("6\n");
        Assert.Equal(["55", "6"], tail.Next());
        Assert.Empty(tail.Next());
        Assert.Equal(["55", "6"], new UpdateTail(state).Last(2));
    }

    [Fact]
    public void Lines_of_updates_fit_a_hundred_columns_whatever_they_hold()
    {
        var device = JsonEncodedText.Encode(Rounds.Hostile[0] + "\u001b[2J");
        string[] lines =
            ["", "x", "{}", $"{{\"time\":\"2026-01-01T00:00Z\",\"device\":\"{device}\",\"sequence\":1e300,\"result\":\"\\u001b\"}}"];

        Assert.All(lines.Select(UpdatesCommand.Text), static l =>
        {
            Assert.InRange(ShownText.WidthOf(l), 1, 100);
            Assert.DoesNotContain('\u001b', l);
        });
    }
}
