using System.Collections.Immutable;

namespace Sensor.Tests;

public sealed class MqttInitTests
{
    [Fact]
    public void A_channel_that_is_missing_now_and_then_is_one_and_what_is_left_out_is_named()
    {
        var text = TextOf(null, Enumerable.Range(0, 40).Select(static i => FormattableString.Invariant(
            $$"""
            {"ts":{{1_772_366_400 + i}},"x":{{(i is 0 or 7 ? "null" : $"{i % 7}.5")}},"y":{{i % 5}}.25,
            "rare":{{(i % 5 < 2 ? $"{i % 7}.5" : "null")}},"some":{{(i % 5 < 4 ? $"{i % 7}.5" : "null")}},"still":3,
            "on":{{(i % 3 == 0 ? "true" : "false")}},"id":{{1_234_567_890_123 + i}},"state":"{{(i / 20 == 0 ? "open" : "shut")}}",
            "mode":"auto","note":"{{(i % 4 == 0 ? "a" : "b")}}"}
            """)).Append("no JSON"));

        Assert.Equal("""
            columns:
              at: { time: s, path: "$.ts" }
              x: { path: "$.x" }   # missing in 2 of 40 rows; messages without it are left out
              y: { path: "$.y" }
              state: { label: [open, shut], path: "$.state" }   # classes seen in 41 messages; add those that are missing
              # left out: $.rare, missing in 24 of 40 rows
              # left out: $.some, missing in 8 of 40 rows; some: { path: "$.some" } takes it, and leaves those out
              # left out: $.still, its value never changes on a device
              # left out: $.on, true or false; --label on makes it the label
              # left out: $.id, whole numbers beyond 2^24, which float32 does not represent exactly
              # left out: $.mode, a value that is always 'auto'
              # left out: $.note, 2 values; --label note makes it the label
              # left out: 1 of 41 messages, with another structure

            """.ReplaceLineEndings("\n"), text[At(text, "columns:")..At(text, "model:")]);
        var read = ConfigTree.Parse("f.yaml", text).Read(SensorConfig.Read).Value;
        Assert.Equal(["x", "y"], read.Columns.Channels.Select(static c => c.Name));
    }

    [Fact]
    public void A_sensor_that_only_watches_needs_no_label()
    {
        var read = OfPump("state", watches: true);

        Assert.False(read.Learns);
        Assert.Equal(["x"], read.Columns.Channels.Select(static c => c.Name));
        Assert.NotNull(read.Anomalies);
    }

    [Theory]
    [InlineData("state", "state", "off", "on")]                 // without classes, those of the messages
    [InlineData("state", "state", "good", "worn")]
    [InlineData("note", "state", "good", "worn")]
    public void Labels_may_come_later_than_messages(string key, string name, params string[] classes)
    {
        var read = OfPump(key, later: classes[0] == "off" ? [] : [.. classes]);

        Assert.Equal((name, new LaterConfig(LaterConfig.UsualKeep, LaterConfig.UsualWait)),
            (read.Columns.Label!.Name, read.Columns.Label.Later));
        Assert.Equal(classes, read.Columns.Label.Classes);
        Assert.Equal(["x"], read.Columns.Channels.Select(static c => c.Name));
    }

    [Fact]
    public void Labels_that_come_later_need_classes() => Assert.StartsWith("--later: expected classes with it, such as good,worn",
        Assert.Throws<FormatException>(static () => OfPump("note", later: [])).Message, StringComparison.Ordinal);

    private static SensorConfig OfPump(string key, bool watches = false, ImmutableArray<string>? later = null)
    {
        var messages = Enumerable.Range(0, 30).Select(i => new ReceivedMessage("plant/pump-1/rows", Encoding.UTF8.GetBytes(
            FormattableString.Invariant($$"""{"ts":{{1_772_366_400 + i}},"x":{{i % 7}}.5,"{{key}}":"{{(i < 9 ? "on" : "off")}}"}"""))))
            .ToList();
        var texts = new JsonTexts();
        messages.ForEach(m => texts.Add(m.Payload));
        return ConfigTree.Parse("f.yaml", MqttInit.Text(new("mqtt://h"), "plant/+/rows", null, messages, texts, watches, later: later))
            .Read(SensorConfig.Read).Value;
    }

    [Fact]
    public void Messages_that_take_turns_have_the_channel_that_comes_most_often()
    {
        var text = TextOf("none", Enumerable.Range(0, 30).Select(static i =>
            i % 3 == 0 ? $$"""{"hum":{{i}}.5}""" : $$"""{"temp":{{i}}.5}"""));

        Assert.Contains("temp: { path: \"$.temp\" }   # missing in 10 of 30 rows; messages without it are left out", text,
            StringComparison.Ordinal);
        Assert.Contains("levels: [15.5]", text, StringComparison.Ordinal);
        Assert.Contains("# left out: $.hum, missing in 20 of 30 rows", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("opc/+/node", "opc/press-1/node", """{"NodeId":"ns=2;s=KIND","Value":{"Value":VALUE,"At":"2026-03-01T12:00:00Z"}}""",
        "and $.NodeId says of which (ns=2;s=t, ns=2;s=p): they are no rows of one stream. Publish each")]
    [InlineData("x/rows", "x/rows", """{"sensor":"KIND","value":VALUE}""", "and $.sensor says of which (t, p)")]
    [InlineData("x/rows", "x/rows", """[{"n":"KIND","v":VALUE},{"n":"other","v":1OTHER}]""", "and $[*].n says of which (t, other, p)")]
    [InlineData("x/rows", "x/rows", """{"what":"KIND","value":VALUE}""", "Publish each on its own topic, or all values in one message")]
    [InlineData("x/rows", "x/rows", """{"device":"KIND","x":VALUE,"y":1OTHER}""", "quantities or sources, and $.device says of which")]
    [InlineData("x/+", "x/KIND", "VALUE", null)]
    [InlineData("x/+", "x/temp_KIND", "VALUE", null)]
    [InlineData("room/+", "room/LONG", "VALUE", "the level '+' of room/+ is a quantity, not a device (temperature, pressure)")]
    [InlineData("x/rows", "x/rows", """{"KIND":VALUE,"r":1OTHER}""", null)]
    [InlineData("x/rows", "x/rows", """{"m":"a","value":VALUE}""", null)]
    [InlineData("x/rows", "x/rows", """{"mode":"RUN","value":VALUE}""", null)]
    [InlineData("x/rows", "x/rows", """{"THIRD":VALUE}""", "A message has one of several values: publish all values in one message")]
    public void One_value_a_message_is_no_row_of_one_stream(string topic, string from, string message, string? refused)
    {
        var heard = Enumerable.Range(0, 60)
            .Select(i => new ReceivedMessage(With(from, i), Encoding.UTF8.GetBytes(With(message, i)))).ToList();
        string Text() => TextOf("none", heard, topic);

        if (refused is null) { Assert.Contains("columns:", Text(), StringComparison.Ordinal); }
        else { Assert.Contains(refused, Assert.Throws<FormatException>(Text).Message, StringComparison.Ordinal); }
        if (from == "x/KIND") { Assert.Contains("# is this one quantity?", Text(), StringComparison.Ordinal); }

        static string With(string text, int i) => text.Replace("KIND", i % 2 == 0 ? "t" : "p", StringComparison.Ordinal)
            .Replace("LONG", i % 2 == 0 ? "temperature" : "pressure", StringComparison.Ordinal)
            .Replace("THIRD", $"{"abc"[i % 3]}", StringComparison.Ordinal)
            .Replace("RUN", i / 20 == 1 ? "on" : "off", StringComparison.Ordinal)
            .Replace("VALUE", $"{(i % 2 == 0 ? 60 : 3)}.{i / 2 % 4}", StringComparison.Ordinal)
            .Replace("OTHER", $"{i % 7}", StringComparison.Ordinal);
    }

    [Fact]
    public void Text_rows_are_said_to_be_such_with_their_form()
    {
        var refused = Assert.Throws<FormatException>(() => TextOf("none", ["21,5;0,3;ok"]));

        Assert.Contains("got '21,5;0,3;ok'; try format: csv, delimiter: semicolon, decimal: comma in a", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_of_another_type_now_and_then_leaves_the_channel_and_costs_its_message()
    {
        var text = TextOf("none", Enumerable.Range(0, 40).Select(static i => FormattableString.Invariant(
            $$"""
            {"ts":{{1_772_366_400 + i}},"x":{{(i is 3 or 8 ? "\"NaN\"" : $"{i % 7}.5")}},
            "y":{{(i is 3 ? "\"NaN\"" : i is 9 ? "null" : $"{i % 5}")}},
            "odd":{{(i % 8 == 0 ? "\"none\"" : "1.5")}}}
            """)));

        Assert.Equal("""
            columns:
              at: { time: s, path: "$.ts" }
              x: { path: "$.x" }   # of another type in 2 of 40 messages; those messages are left out
              y: { path: "$.y" }   # of another type in 1 of 40 messages, missing in 1 of 38 rows; those messages are left out

            """.ReplaceLineEndings("\n"), text[At(text, "columns:")..At(text, "  # no label")]);
        Assert.Contains("  # left out: $.odd, values of different types\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("with another structure", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_without_a_number_are_refused_with_what_is_in_them()
    {
        var refused = Assert.Throws<FormatException>(() => TextOf("none", ["""{"on":true}""", """{"on":false}"""]));

        Assert.Equal("--mqtt: expected a number in the messages on plant/+/rows, got $.on, true or false; --label on makes it the label",
            refused.Message);
    }

    /// <summary>Meters that write all values as texts, with a zone without a colon; clocks and counters beside them.</summary>
    [Fact]
    public void Numbers_in_texts_are_read_and_clocks_and_counters_are_no_channels()
    {
        var texts = TextOf("none", Enumerable.Range(0, 40).Select(static i =>
            $$"""{"value":"{{i % 7}}.5","raw":"00{{i % 5}}.25","seq":"{{i}}","error":"no","at":"2026-03-01T12:00:{{i:00}}+0100"}"""));
        var clocks = TextOf("none", Enumerable.Range(0, 40).Select(static i =>
            $$"""{"uptime_ms":{{20 * i}},"left":{{-i}},"ts":{{1_772_366_400_000 + (20 * i)}},"x":{{i % 7}}.5}"""));

        Assert.Contains("  numbers_in_texts: true", texts, StringComparison.Ordinal);
        Assert.Contains("at: { time: iso8601, path: \"$.at\" }\n  value: { path: \"$.value\" }\n  raw: { path: \"$.raw\" }\n", texts,
            StringComparison.Ordinal);
        Assert.Contains("# left out: $.seq, it rises, or falls, in every message", texts, StringComparison.Ordinal);
        Assert.Equal(["value", "raw"],
            ConfigTree.Parse("f.yaml", texts).Read(SensorConfig.Read).Value.Columns.InFile.Select(static c => c.Name));
        Assert.Contains("at: { time: ms, path: \"$.ts\" }\n  x: { path: \"$.x\" }\n", clocks, StringComparison.Ordinal);
        Assert.DoesNotContain("numbers_in_texts", clocks, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_that_were_heard_in_part_do_not_shorten_a_window()
    {
        static string Message(int i, int length) => $$"""{"x":{{i % 7}}.5,"state":"{{(i / length % 2 == 0 ? "open" : "shut")}}"}""";

        var parts = TextOf(null, Enumerable.Range(0, 100).Select(static i => Message(i, 60)));
        var whole = TextOf(null, Enumerable.Range(0, 100).Select(static i => Message(i, 30)));

        Assert.Contains("- window: { samples: 64, hop: 32 }", parts, StringComparison.Ordinal);
        Assert.Contains("- window: { samples: 16, hop: 8 }", whole, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_has_its_name_from_the_topic_alone_must_be_the_only_one_of_that_name()
    {
        const string Row = """{"x":1.5}""";

        Assert.Contains("  devices: [v-1]   # devices heard while listening\n", TextOf("none", [Row]), StringComparison.Ordinal);
        Assert.Contains(
            "  devices: [rows]   # the last level of the topic; no other device of the fleet may have this name\n",
            TextOf("none", [Row], "plant/v-1/rows"), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_and_texts_make_no_lines_of_their_own_and_read_back_as_they_are()
    {
        const string Evil = "x\\r\\nFAKE: all good\\u001b\\u0085\\u202e";
        var text = TextOf("none", Enumerable.Range(0, 40).Select(static i => $$"""{"{{Evil}}":{{i % 7}}.5,"mode":"{{Evil}}"}"""));

        Assert.All(text.Split('\n'), static line =>
        {
            Assert.False(line.TrimStart(' ', '#').StartsWith("FAKE", StringComparison.Ordinal));
            Assert.Equal(line, PrintableText.Of(line));
        });
        Assert.Contains("always 'x··FAKE: all good···'", text, StringComparison.Ordinal);
        Assert.Equal("x\r\nFAKE: all good\e\u0085\u202e",
            ConfigTree.Parse("f.yaml", text).Read(SensorConfig.Read).Value.Columns.Channels.Single().Name);
    }

    private static int At(string text, string section) => text.IndexOf(section, StringComparison.Ordinal);

    private static string TextOf(string? label, IEnumerable<string> messages, string topic = "plant/+/rows")
    {
        return TextOf(label, [.. messages.Select(static m => new ReceivedMessage("plant/v-1/rows", Encoding.UTF8.GetBytes(m)))], topic);
    }

    private static string TextOf(string? label, List<ReceivedMessage> heard, string topic)
    {
        var texts = new JsonTexts();
        heard.ForEach(m => texts.Add(m.Payload));
        return MqttInit.Text(new("mqtt://localhost"), topic, label, heard, texts);
    }
}
