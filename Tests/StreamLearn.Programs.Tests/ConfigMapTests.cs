using System.Collections.Immutable;

namespace StreamLearn.Programs.Tests;

/// <summary>The reading of values by type: what is right, and what each wrong value is called.</summary>
public sealed class ConfigMapTests
{
    private const string Least = "name: p\nsource: {csv: }\n";

    [Fact]
    public void A_whole_file_is_read()
    {
        var settings = Sample.Read(Sample.Text).Value;

        var mqtt = Assert.IsType<MqttSettings>(settings.Source);
        Assert.Equal(("plant/7/#", "/run/secrets/mqtt", TimeSpan.FromMinutes(10)), (mqtt.Topic, mqtt.Password!.Path, mqtt.KeepAlive));
        Assert.Equal(new("sensor.yaml", 6, 20), mqtt.Password.Origin);
        Assert.Equal(("pump-7", TimeSpan.FromMilliseconds(500), 4000.0, 64 << 10, 256, 0.25, true, Speed.Original, "two\nlines"),
            (settings.Name, settings.Interval, settings.Rate, settings.Buffer, settings.Window, settings.Fraction, settings.Learn,
                settings.Speed, settings.Note));
        Assert.Equal([new("x", "m/s2"), new("y", "m/s2")], settings.Columns);
        Assert.Equal(["walking", "sitting"], settings.Labels);
        Assert.Null(settings.Seed);
        Assert.Equal(new(3, TimeSpan.FromSeconds(2)), settings.Retry);
    }

    [Fact]
    public void Keys_may_be_names_of_the_users_and_many_words_are_not_listed()
    {
        var tree = ConfigTree.Parse("f.yaml", "units: { ax: m/s2, ay: m/s3 }");

        var refused = Assert.Throws<ConfigurationException>(() => tree.Read(static map => map.Section("units", static m =>
            string.Join(' ', m.Keys.Select(k => $"{k} {m[k].Name("a unit", ["1", "m/s2"]).Required()}")))));

        Assert.Equal("f.yaml:1:24: units.ay: expected a unit, got 'm/s3'; did you mean 'm/s2'?", refused.Message);
    }

    [Fact]
    public void Defaults_hold_where_nothing_is_said()
    {
        var settings = Sample.Read(Least + "interval: null\nwindow:\nretry: ~\n").Value;

        Assert.Equal(new CsvSettings("*.csv"), settings.Source);
        Assert.Equal((TimeSpan.FromSeconds(1), 128), (settings.Interval, settings.Window));
        Assert.Empty(settings.Columns);
        Assert.Equal(3, settings.Retry.Times);
    }

    [Theory]
    [InlineData("interval: 5", "3:11: interval: expected a duration such as 500ms, 2s, 10m or 1h, 1ms to 1h, got '5': the unit is missing "
        + "(ms, s, m, h, d)")]
    [InlineData("interval: 5 s", "3:11: interval: expected a duration such as 500ms, 2s, 10m or 1h, 1ms to 1h, got '5 s': the unit is none "
        + "of ms, s, m, h, d")]
    [InlineData("interval: 2h", "3:11: interval: expected a duration such as 500ms, 2s, 10m or 1h, 1ms to 1h, got '2h'")]
    [InlineData("interval: -1s", "3:11: interval: expected a duration such as 500ms, 2s, 10m or 1h, 1ms to 1h, got '-1s'")]
    [InlineData("interval: 99999999999999999d", "3:11: interval: expected a duration such as 500ms, 2s, 10m or 1h, 1ms to 1h, got "
        + "'99999999999999999d': it is too large")]
    [InlineData("interval: 1.00001ms", "3:11: interval: expected a duration such as 500ms, 2s, 10m or 1h, 1ms to 1h, got '1.00001ms': it "
        + "is finer than can be measured")]
    [InlineData("buffer: 64", "3:9: buffer: expected a size such as 512B, 64KiB or 2MiB, at least 1KiB, got '64': the unit is missing "
        + "(B, KiB, MiB, GiB)")]
    [InlineData("buffer: 64kB", "3:9: buffer: expected a size such as 512B, 64KiB or 2MiB, at least 1KiB, got '64kB': the unit is none of "
        + "B, KiB, MiB, GiB")]
    [InlineData("rate: 50", "3:7: rate: expected a rate such as 4000/s, got '50': the unit is missing (/s)")]
    [InlineData("rate: x/s", "3:7: rate: expected a rate such as 4000/s, got 'x/s'")]
    [InlineData("window: 0", "3:9: window: expected a whole number, 1 to 65536, got '0'")]
    [InlineData("window: 1.5", "3:9: window: expected a whole number, 1 to 65536, got '1.5'")]
    [InlineData("window: 010", "3:9: window: expected a whole number, 1 to 65536, got '010'")]
    [InlineData("window: '16'", "3:9: window: expected a whole number, 1 to 65536, got the text '16'")]
    [InlineData("window: [1]", "3:9: window: expected a whole number, 1 to 65536, got a list")]
    [InlineData("fraction: .nan", "3:11: fraction: expected a number, 0 to 1, got '.nan'")]
    [InlineData("fraction: 1e400", "3:11: fraction: expected a number, 0 to 1, got '1e400'")]
    [InlineData("learn: yes", "3:8: learn: expected true or false, got 'yes'")]
    [InlineData("learn: 'true'", "3:8: learn: expected true or false, got the text 'true'")]
    [InlineData("speed: orignal", "3:8: speed: expected one of original, fast, got 'orignal'; did you mean 'original'?")]
    [InlineData("speed: slow", "3:8: speed: expected one of original, fast, got 'slow'")]
    [InlineData("note: ''", "3:7: note: expected a string, got the text ''")]
    [InlineData("note: {}", "3:7: note: expected a string, got a mapping")]
    [InlineData("labels: a", "3:9: labels: expected a list, got 'a'")]
    [InlineData("labels: [a, ~]", "3:13: labels[1]: expected a string, got nothing")]
    [InlineData("columns: [{unit: V}]", "3:11: columns[0].name: expected a string, got nothing")]
    [InlineData("columns: [x]", "3:11: columns[0]: expected a mapping, got 'x'")]
    [InlineData("columns: [{name: x, unt: V}]", "3:21: columns[0]: unknown key 'unt'; did you mean 'unit'?")]
    [InlineData("retry: 3", "3:8: retry: expected a mapping, got '3'")]
    [InlineData("retry: {tmies: 3}", "3:9: retry: unknown key 'tmies'; did you mean 'times'?")]
    [InlineData("Window: 3", "3:1: unknown key 'Window'; did you mean 'window'?")]
    [InlineData("retry: {hello: 3}", "3:9: retry: unknown key 'hello'; expected times, wait")]
    public void A_wrong_value_is_named(string line, string problem) =>
        Assert.Equal($"sensor.yaml:{problem}", Sample.ProblemsOf(() => Sample.Read(Least + line)));

    [Theory]
    [InlineData("source: {}", "2:9: source: expected a mapping with one of mqtt, csv, got an empty one")]
    [InlineData("source: csv", "2:9: source: expected a mapping with one of mqtt, csv, got 'csv'")]
    [InlineData("source: {csv: , mqtt: }", "2:9: source: expected a mapping with one of mqtt, csv, got 'csv' and 'mqtt'")]
    [InlineData("source: {mqt: {topic: x}}", "2:10: source: unknown key 'mqt'; did you mean 'mqtt'?")]
    [InlineData("source: {mqtt: [a]}", "2:16: source.mqtt: expected a mapping, got a list")]
    [InlineData("source: {mqtt: {tpoic: x}}", "2:16: source.mqtt.topic: expected a string, got nothing\n"
        + "sensor.yaml:2:17: source.mqtt: unknown key 'tpoic'; did you mean 'topic'?")]
    [InlineData("source: {mqtt: {topic: x, password_file: ['hunter2']}}",
        "2:42: source.mqtt.password_file: expected the path of a file with the secret, got something else")]
    [InlineData("other: 1", "1:1: source: expected a mapping with one of mqtt, csv, got nothing\n"
        + "sensor.yaml:2:1: unknown key 'other'; expected name, source, interval, rate, buffer, window, fraction, learn, speed, columns, "
        + "labels, note, seed, retry")]
    public void One_of_several_kinds_is_wanted(string line, string problem) =>
        Assert.Equal($"sensor.yaml:{problem}", Sample.ProblemsOf(() => Sample.Read($"name: p\n{line}")));

    [Fact]
    public void All_problems_come_together_also_those_of_overrides()
    {
        var problems = Sample.ProblemsOf(() => Sample.Read("name: [p]\nwindow: x\ncolumns: [1, {}]", "retry.times=-1", "intervall=1s"));

        Assert.Equal("""
            sensor.yaml:1:7: name: expected a string, got a list
            sensor.yaml:1:1: source: expected a mapping with one of mqtt, csv, got nothing
            sensor.yaml:2:9: window: expected a whole number, 1 to 65536, got 'x'
            sensor.yaml:3:11: columns[0]: expected a mapping, got '1'
            sensor.yaml:3:14: columns[1].name: expected a string, got nothing
            --set retry.times: retry.times: expected a whole number, at least 0, got '-1'
            --set intervall: unknown key 'intervall'; did you mean 'interval'?
            """, problems);
    }

    [Fact]
    public void A_schema_refuses_what_does_not_go_together()
    {
        var tree = ConfigTree.Parse("f", "a: 1\nb: {c: 2}");

        var problems = Sample.ProblemsOf(() => tree.Read(map =>
        {
            map["a"].Refuse("expected less than b.c, got 1");
            return map["b"].Map(b =>
            {
                b.Refuse("expected no c beside a");
                return b["c"].Whole().Required();
            }).Required();
        }));

        Assert.Equal("f:1:4: a: expected less than b.c, got 1\nf:2:4: b: expected no c beside a", problems);
    }

    [Fact]
    public void A_long_list_of_problems_is_cut_in_the_message_alone()
    {
        var text = $"a: [{string.Join(',', Enumerable.Repeat("x", 150))}]";

        var e = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("f", text)
            .Read(map => map["a"].List(i => i.Whole().Required()).Required()));

        Assert.Equal(150, e.Problems.Length);
        Assert.EndsWith("\nf:1:203: a[99]: expected a whole number, got 'x'\nand 50 more", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_have_bounds()
    {
        ImmutableArray<long> Read(string text) => ConfigTree.Parse("f", text)
            .Read(map => map["a"].List(i => i.Whole().Required(), min: 1, max: 2).Required()).Value;

        Assert.Equal([1, 2], Read("a: [1, 2]"));
        Assert.Equal("f:1:4: a: expected a list, 1 items to 2 items, got 3", Sample.ProblemsOf(() => Read("a: [1, 2, 3]")));
        Assert.Equal("f:1:4: a: expected a list, 1 items to 2 items, got 0", Sample.ProblemsOf(() => Read("a: []")));
    }

    [Fact]
    public void A_secret_is_read_from_its_file_and_never_from_the_configuration()
    {
        var path = Path.GetTempFileName();
        try
        {
            SecretFile Secret(string where) => ConfigTree.Parse("f", $"key: {where}").Read(m => m["key"].SecretFile().Required()).Value;
            var secret = Secret(path);

            Assert.Equal($"f:1:6: expected in {path} a secret, got an empty file", Sample.ProblemsOf(() => secret.ReadText()));
            File.WriteAllText(path, "hunter 2 \r\n");
            Assert.Equal("hunter 2 ", secret.ReadText());
            File.WriteAllBytes(path, [0xFF]);
            Assert.Equal($"f:1:6: expected in {path} UTF-8, got bytes that are not", Sample.ProblemsOf(() => secret.ReadText()));
            File.WriteAllText(path, new string('x', (64 << 10) + 1));
            Assert.Equal($"f:1:6: expected in {path} at most 64 KiB, got more", Sample.ProblemsOf(() => secret.ReadText()));
            Assert.StartsWith("f:1:6: expected in /none/such a secret in a file, got: ",
                Sample.ProblemsOf(() => Secret("/none/such").ReadText()), StringComparison.Ordinal);
            Assert.DoesNotContain("hunter", Sample.ProblemsOf(() => Secret("\"hunter\\n2\"")), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("topic", "tpoic", 1)]
    [InlineData("topic", "topic", 0)]
    [InlineData("topic", "Topics", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "ab", 2)]
    public void Slips_are_counted(string from, string to, int slips) => Assert.Equal(slips, NearestName.Slips(from, to));
}
