using System.Reflection;
using System.Text.Json.Serialization;

namespace Tool.Tests;

public sealed class RunEventsTests
{
    private const string Good = """{"type":"fault_seen","device":"d","kind":"crash","text":"gone","mode":"async","seconds":1}""";

    internal static IEnumerable<string> Kinds =>
        typeof(RunEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => (string)a.TypeDiscriminator!);

    [Fact]
    public void The_sample_has_every_kind_of_event() =>
        Assert.Empty(Kinds.Except(SampleRun.Events.Select(e => RunEvents.Line(e).Split('"')[3])));

    [Fact]
    public void Events_come_back_from_their_lines_as_they_were()
    {
        var events = SampleRun.Events;
        using var text = new StringWriter();
        RunEvents.Write(text, events);

        var lines = text.ToString().TrimEnd('\n').Split('\n');
        using var reader = new StringReader(text.ToString());
        var read = RunEvents.Read(reader, "events.jsonl");

        Assert.Equal(events.Count, lines.Length);
        Assert.All(lines, l => Assert.StartsWith("{\"type\":\"", l, StringComparison.Ordinal));
        Assert.Equal(events.Select(e => e.GetType()), read.Select(e => e.GetType()));
        Assert.Equal(lines, read.Select(RunEvents.Line));
        Assert.Equal(HtmlReport.Of(events), HtmlReport.Of(read));
    }

    [Fact]
    public void Numbers_that_are_none_come_back_too()
    {
        var judged = new Judged(1, double.NaN, double.NegativeInfinity, double.PositiveInfinity, 0);

        Assert.Equal(judged, Read(RunEvents.Line(judged)).Single());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":"no_such_event"}""")]
    [InlineData("""{"type":"fault_seen","device":"d","kind":"crash"}""")]
    [InlineData("""{"type":"fault_seen","device":null,"kind":"crash","text":""}""")]
    [InlineData("""{"type":"fault_seen","device":"d","kind":"crash","text":"","surprise":1}""")]
    [InlineData("""{"type":"fault_seen","device":"d","kind":"crash","text":"","seconds":"soon"}""")]
    public void A_line_that_is_no_event_is_refused_with_its_number(string line)
    {
        var error = Assert.Throws<ProgramException>(() => Read($"{Good}\n\n{line}\n{Good}"));

        Assert.StartsWith("events.jsonl line 3: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.DataRefused, error.ExitCode);
    }

    private static List<RunEvent> Read(string text)
    {
        using var reader = new StringReader(text);
        return RunEvents.Read(reader, "events.jsonl");
    }
}
