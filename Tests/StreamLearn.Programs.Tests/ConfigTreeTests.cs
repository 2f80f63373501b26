namespace StreamLearn.Programs.Tests;

/// <summary>Files that are no strict YAML, each with its place; several files and overrides.</summary>
public sealed class ConfigTreeTests
{
    [Theory]
    [InlineData("a: 1\nb: 2\na: 3", "3:1: expected a key once, got 'a' again (first in line 1)")]
    [InlineData("x:\n  a: 1\n  a: 2", "3:3: expected a key once, got 'a' again (first in line 2)")]
    [InlineData("x: {a: 1, 'a': 2}", "1:11: expected a key once, got 'a' again (first in line 1)")]
    [InlineData("a: &x 1\nb: *x", "1:4: expected a value without an anchor (&), got one")]
    [InlineData("&k a: 1", "1:1: expected a value without an anchor (&), got one")]
    [InlineData("b: *x", "1:4: expected a value, got an alias (*)")]
    [InlineData("*x : 1", "1:1: expected a value, got an alias (*)")]
    [InlineData("x:\n  <<: {a: 1}", "2:3: expected a key, got a merge (<<)")]
    [InlineData("a: !!str 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: ! 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: !<[> 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: !!! 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: !! 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: !<x:[> 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: !!~ 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: !![ 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: !!x 1", "1:4: expected a value without a tag (!), got one")]
    [InlineData("a: !x {b: 1}", "1:4: expected a value without a tag (!), got one")]
    [InlineData("--- {a: 1}\n--- {b: 2}", "2:1: expected one document, got two")]
    [InlineData("a: 1\n...\nb: 2", "3:1: expected one document, got two")]
    [InlineData("%YAML 1.2\n---\na: 1", "1:1: expected no directive (%), got one")]
    [InlineData("%TAG !e! tag:x,2000:\n---\na: 1", "1:1: expected no directive (%), got one")]
    [InlineData("a:\n\tb: 1", "2:1: expected spaces, got a tab (in double quotes a tab is written \\t)")]
    [InlineData("a: 'x\ty'", "1:6: expected spaces, got a tab (in double quotes a tab is written \\t)")]
    [InlineData("a: 1\rb: 2", "1:5: expected a printable character, got U+000D")]
    [InlineData("a: 1\u2028b: 2", "1:5: expected a printable character, got U+2028")]
    [InlineData("a: \0", "1:4: expected a printable character, got U+0000")]
    [InlineData("- a\n- b", "1:1: expected a mapping of keys to values, got a list")]
    [InlineData("just text", "1:1: expected a mapping of keys to values, got 'just text'")]
    [InlineData("~", "1:1: expected a mapping of keys to values, got nothing")]
    [InlineData("? [a, b]\n: 1", "1:3: expected a string as the key, got a mapping or list")]
    [InlineData("~: 1", "1:1: expected a string as the key, got nothing")]
    [InlineData("'': 1", "1:1: expected a string as the key, got nothing")]
    public void What_is_not_strict_is_refused_at_its_place(string text, string problem) =>
        Assert.Equal($"{Sample.Name}:{problem}", Sample.ProblemsOf(() => ConfigTree.Parse(Sample.Name, text)));

    [Fact]
    public void An_override_that_begins_with_a_bracket_and_is_no_list_hears_of_quotes()
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse(Sample.Name, "a: 1", ["a=[::1]:1883"]));

        Assert.EndsWith("key=\"'[::1]:1883'\"", Assert.Single(refused.Problems).Text, StringComparison.Ordinal);
        ConfigTree.Parse(Sample.Name, "a: 1", ["a='[::1]:1883'"]);
    }

    [Theory]
    [InlineData("a: [1, 2\nb: 3", 2, 1)]
    [InlineData("a: 1\n b: 2", 2, 3)]
    [InlineData("a: 'x", 1, 4)]
    [InlineData("a: b: c", 1, 5)]
    [InlineData("a: \"\\q\"", 1, 4)]
    [InlineData("a: \"\\uD800\"", 1, 4)]
    [InlineData("a: }", 1, 4)]
    [InlineData("a: @x", 1, 4)]
    public void What_is_no_yaml_is_refused_at_its_place(string text, int line, int column)
    {
        var problem = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse(Sample.Name, text)).Problems.Single();

        Assert.StartsWith("expected YAML, got an error: ", problem.Text, StringComparison.Ordinal);
        Assert.Equal(new(Sample.Name, line, column), problem.Origin);
    }

    [Fact]
    public void Bounds_of_depth_and_values_hold()
    {
        string Nested(int depth) => $"a: {new string('[', depth)}{new string(']', depth)}";
        string Listed(int count) => $"a: [{string.Join(',', Enumerable.Repeat("1", count))}]";

        Assert.NotNull(ConfigTree.Parse("f", Nested(31)));
        Assert.Equal("f:1:35: expected at most 32 levels, got more", Sample.ProblemsOf(() => ConfigTree.Parse("f", Nested(32))));
        Assert.Contains("32 levels", Sample.ProblemsOf(() => ConfigTree.Parse("f", Nested(500_000))), StringComparison.Ordinal);
        Assert.NotNull(ConfigTree.Parse("f", Listed(9_997)));
        Assert.Equal("f:1:19999: expected at most 10000 values, got more", Sample.ProblemsOf(() => ConfigTree.Parse("f", Listed(9_998))));
    }

    [Fact]
    public void Files_are_bounded_utf8_that_can_be_read()
    {
        var folder = Directory.CreateTempSubdirectory("config-").FullName;
        string Write(byte[] bytes)
        {
            var path = Path.Join(folder, "f.yaml");
            File.WriteAllBytes(path, bytes);
            return path;
        }

        try
        {
            var path = Write([.. "a: é\nb: "u8, 0xC3, 0x28]);
            Assert.Equal($"{path}:2:4: expected UTF-8, got bytes that are not", Sample.ProblemsOf(() => ConfigTree.Load([path])));
            Write(new byte[(1 << 20) + 1]);
            Assert.Equal($"{path}: expected at most 1 MiB, got more", Sample.ProblemsOf(() => ConfigTree.Load([path])));
            Write([.. "#"u8, .. Enumerable.Repeat((byte)'x', (1 << 20) - 1)]);
            Assert.Equal("", ConfigTree.Load([path]).ToYaml());
            Write([0xEF, 0xBB, 0xBF, .. "a: 1\r\nb: 2\r\n"u8]);
            Assert.Equal($"a: 1  # {path}:1:4\nb: 2  # {path}:2:4\n", ConfigTree.Load([path]).ToYaml(withOrigins: true));
            Assert.StartsWith($"{folder}/none: expected a file that can be read, got: ",
                Sample.ProblemsOf(() => ConfigTree.Load([$"{folder}/none"])), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_file_and_override_has_its_problem()
    {
        string[] overrides = ["a", "b=[1", "c.=1", "d={x: *y}", "e=a\nb", "f='x", ".=1", "g=[a #b]"];

        var problems = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("f", "a: [", overrides)).Problems;

        Assert.Equal(overrides.Length + 1, problems.Length);
        Assert.Equal("--set: expected a.b=value, got 'a'", problems[1].ToString());
        Assert.StartsWith("--set b: expected YAML", problems[2].ToString(), StringComparison.Ordinal);
        Assert.Equal("--set: expected a.b=value, got 'c.=1'", problems[3].ToString());
        Assert.Equal("--set d: expected a value, got an alias (*)", problems[4].ToString());
        Assert.Equal("--set e: expected a value on one line, got several lines", problems[5].ToString());
    }

    [Theory]
    [InlineData("*")]
    [InlineData(">")]
    [InlineData("#fff")]
    [InlineData("a #b")]
    [InlineData("- 1")]
    [InlineData("x: y")]
    [InlineData("!a")]
    [InlineData("%a")]
    [InlineData("a: [1")]
    public void An_override_that_begins_with_no_bracket_is_text_as_it_stands(string text)
    {
        var tree = ConfigTree.Parse("f", "a: b", [$"a={text}"]);

        Assert.Equal(text, tree.Read(static map => map["a"].Text().Required()).Value);
    }

    [Fact]
    public void A_mapping_of_an_override_takes_the_place_of_that_of_the_file()
    {
        var tree = ConfigTree.Parse("f", "a: {b: {c: 1, d: 2}, e: 3}", ["a.b={f: 4}", "a.g=5", "h={i: 1}", "h.j=2"]);

        Assert.Equal("a:\n  b:\n    f: 4\n  e: 3\n  g: 5\nh:\n  i: 1\n  j: 2\n", tree.ToYaml());
    }

    [Fact]
    public void A_value_that_an_override_took_away_is_missed_where_it_was_taken_away()
    {
        Assert.Equal("--set a.b: a.b: expected a string, got nothing", Sample.ProblemsOf(() =>
            ConfigTree.Parse("f", "a: {b: c}", ["a.b="]).Read(static map => map.Section("a", static a => a["b"].Text().Required()))));
    }

    [Fact]
    public void Bounds_that_are_one_value_are_said_as_one()
    {
        Assert.Equal("f:1:4: a: expected 1, got '2'\nf:2:4: b: expected a list of 3, got '3'", Sample.ProblemsOf(() =>
            ConfigTree.Parse("f", "a: 2\nb: 3").Read(static map =>
                (map["a"].Whole(1, 1).Required(), map["b"].List(static e => e.Whole().Required(), 3, 3).Required()))));
    }

    [Fact]
    public void A_later_file_wins_and_overrides_win_over_files()
    {
        var folder = Directory.CreateTempSubdirectory("config-").FullName;
        try
        {
            var (first, second) = (Path.Join(folder, "1.yaml"), Path.Join(folder, "2.yaml"));
            File.WriteAllText(first, "m: {a: 1, b: 2, c: 3, d: 4}\nl: [1, 2]\ns: x\ngone: {a: 1}\n");
            File.WriteAllText(second, "m:\n  b: 20\n  e: 50\nl: [3]\ns: {t: 1}\ngone:\nnothing:\n");

            var tree = ConfigTree.Load([first, second], ["m.c=30", "m.d=", "n.o=[p, {q: 'r'}]", "m.c=31"]);

            Assert.Equal($"""
                m:
                  a: 1  # {first}:1:8
                  b: 20  # {second}:2:6
                  c: 31  # --set m.c
                  e: 50  # {second}:3:6
                l:
                  - 3  # {second}:4:5
                s:
                  t: 1  # {second}:5:8
                nothing: null  # {second}:7:9
                n:
                  o:
                    - p  # --set n.o
                    - q: r  # --set n.o

                """, tree.ToYaml(withOrigins: true));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
