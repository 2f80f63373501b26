using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Programs.Tests;

/// <summary>What is shown reads back.</summary>
public sealed class YamlWritingTests
{
    private static readonly ConfigOrigin Place = new("f", 1, 1);

    [Fact]
    public void Settings_are_shown_with_defaults_and_where_they_come_from() => Assert.Equal("""
        name: pump-7  # sensor.yaml:2:7
        source:
          mqtt:
            topic: plant/7/#  # sensor.yaml:5:12
            password_file: /run/secrets/mqtt  # sensor.yaml:6:20
            keep_alive: 10m  # sensor.yaml:7:17
        interval: 500ms  # sensor.yaml:8:11
        rate: 4000/s  # sensor.yaml:9:7
        buffer: 64KiB  # sensor.yaml:10:9
        window: 512  # --set window
        fraction: 0.25  # sensor.yaml:12:11
        learn: true  # sensor.yaml:13:8
        speed: original  # default
        columns:
          - name: x  # sensor.yaml:15:11
            unit: m/s2  # sensor.yaml:16:11
          - name: y  # sensor.yaml:17:12
            unit: m/s2  # sensor.yaml:17:23
        labels:
          - walking  # sensor.yaml:18:10
          - sitting  # sensor.yaml:18:19
        note: "two\nlines"  # sensor.yaml:19:7
        retry:
          times: 3  # default
          wait: 2s  # default

        """, Sample.Read(Sample.Text, "window=512").ToYaml(withOrigins: true));

    [Fact]
    public void What_is_shown_gives_the_same_settings_and_is_shown_the_same_again()
    {
        foreach (var text in new[] { Sample.Text, "name: '7'\nsource: {csv: }" })
        {
            var first = Sample.Read(text);
            var second = Sample.Read(first.ToYaml());

            Assert.Equal(first.ToYaml(), second.ToYaml());
            Assert.Equal(
                first.Value with { Source = null!, Columns = default, Labels = default },
                second.Value with { Source = null!, Columns = default, Labels = default });
            Assert.Equal(first.Value.Columns, second.Value.Columns);
            Assert.Equal(first.Value.Labels, second.Value.Labels);
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two words", "two words")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("a:b", "a:b")]
    [InlineData("a #b", "\"a #b\"")]
    [InlineData("a#b", "a#b")]
    [InlineData("#b", "\"#b\"")]
    [InlineData("- b", "\"- b\"")]
    [InlineData("-b", "-b")]
    [InlineData("--- x", "\"--- x\"")]
    [InlineData("... x", "\"... x\"")]
    [InlineData("", "\"\"")]
    [InlineData("~", "\"~\"")]
    [InlineData("null", "\"null\"")]
    [InlineData("true", "\"true\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("1s", "1s")]
    [InlineData(" x", "\" x\"")]
    [InlineData("x:", "\"x:\"")]
    [InlineData("a\tb\"\\", "\"a\\tb\\\"\\\\\"")]
    [InlineData("é𝑥", "é𝑥")]
    [InlineData("\u0085\u2028", "\"\\u0085\\u2028\"")]
    [InlineData("a\u202eb\U000e0001", "\"a\\u202Eb\\U000E0001\"")]
    public void A_text_has_quotes_where_it_needs_them(string text, string written)
    {
        var tree = new YamlMapping(default, [new("k", default, new YamlScalar(default, text, IsPlain: false))]);

        Assert.Equal($"k: {written}\n", YamlWriting.Text(tree, withOrigins: false));
    }

    [Fact]
    public void Any_tree_reads_back()
    {
        var text = Gen.OneOf(
            Gen.Elements(
                    "a", " ", "-", ":", "#", "\n", "'", "\"", "{", "]", ",", "~", "\\", "é", "\u2028", "𝑥", "1", ".", "!", "&", "%", "?")
                .ListOf().Select(string.Concat),
            Gen.Elements("true", "null", "<<", "=", "0x1", "---", "...", "no"));
        Gen<YamlValue> Value(int size) => size == 0
            ? text.Select(YamlValue (t) => new YamlScalar(Place, t, IsPlain: false))
            : Gen.OneOf(
                Value(0),
                Value(size - 1).ListOf(3).Select(YamlValue (items) => new YamlList(Place, items)),
                Mapping(size - 1).Select(YamlValue (m) => m));
        Gen<YamlMapping> Mapping(int size) => text.Where(t => t.Length > 0).SelectMany(key => Value(size)
            .Select(value => new YamlEntry(key, Place, value))).ListOf(3)
            .Select(entries => new YamlMapping(Place, [.. entries.DistinctBy(e => e.Key)]));

        Prop.ForAll(Arb.From(Mapping(3)), tree =>
        {
            var written = YamlWriting.Text(tree, withOrigins: false);
            var shown = YamlWriting.Text(tree, withOrigins: true);

            return Same(tree, YamlReading.Document("f", written)) && Same(tree, YamlReading.Document("f", shown));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(7, 9));
    }

    private static bool Same(YamlValue a, YamlValue b) => (a, b) switch
    {
        (YamlScalar x, YamlScalar y) => x.Text == y.Text,
        (YamlList x, YamlList y) => x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(p => Same(p.First, p.Second)),
        (YamlMapping x, YamlMapping y) => x.Entries.Count == y.Entries.Count
            && x.Entries.Zip(y.Entries).All(p => p.First.Key == p.Second.Key && Same(p.First.Value, p.Second.Value)),
        _ => false,
    };
}
