using System.Reflection;
using System.Text.RegularExpressions;

namespace StreamLearn.Mqtt.Tests;

/// <summary>The list of normative statements says what is true.</summary>
public sealed partial class ConformanceTests
{
    /// <summary>How many statements each section of MQTT 5.0 has; those of 2.2.1 begin with 2.</summary>
    private const string Sections =
        "1.5.4:3 1.5.5:1 1.5.7:1 2.1.3:1 2.2.1:6 2.2.2:1 3.1.0:2 3.1.2:30 3.1.3:12 3.1.4:6 3.2.0:2 3.2.2:22 3.3.1:13 3.3.2:20 3.3.4:10 "
        + "3.4.2:3 3.5.2:3 3.6.1:1 3.6.2:3 3.7.2:3 3.8.1:1 3.8.3:5 3.8.4:8 3.9.2:2 3.9.3:2 3.10.1:1 3.10.3:2 3.10.4:6 3.11.2:2 3.11.3:2 "
        + "3.12.4:1 3.14.0:1 3.14.1:1 3.14.2:4 3.14.4:3 3.15.1:1 3.15.2:3 4.1.0:2 4.2.0:1 4.3.1:1 4.3.2:5 4.3.3:13 4.4.0:2 4.5.0:2 4.6.0:6 "
        + "4.7.0:1 4.7.1:2 4.7.2:1 4.7.3:4 4.8.2:6 4.9.0:3 4.12.0:7 4.12.1:2 4.13.1:1 4.13.2:1 6.0.0:4";

    private static readonly string[] Lines =
        [.. File.ReadAllLines(Find()).Where(static line => line.StartsWith("| [", StringComparison.Ordinal))];

    [Fact]
    public void Every_statement_stands_in_the_list_once()
    {
        var expected =
            from section in Sections.Split(' ')
            let parts = section.Split(':')
            from number in Enumerable.Range(1, int.Parse(parts[1]))
            where section != "2.2.1:6" || number > 1
            select $"MQTT-{parts[0]}-{number}";
        Assert.Equal(expected, Lines.Select(static line => Statement().Match(line).Groups[1].Value));
    }

    [Fact]
    public void Every_test_in_the_list_exists()
    {
        var tests = typeof(ConformanceTests).Assembly.GetTypes().SelectMany(static type => type.GetMethods())
            .Where(static method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Select(static method => $"{method.DeclaringType?.Name}.{method.Name}").ToHashSet();
        var named = Lines.SelectMany(static line => Test().Matches(line)).Select(static match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, name => !tests.Contains(name));
    }

    [Fact]
    public void Every_statement_has_a_test_or_a_reason() => Assert.All(Lines, static line =>
        Assert.Matches(@"\| (`|server|not used: \w|by design: \w)[^|]* \|$", line));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "Connectors", "StreamLearn.Mqtt", "CONFORMANCE.md");
            if (File.Exists(file)) { return file; }
        }
        throw new InvalidOperationException($"no CONFORMANCE.md above {AppContext.BaseDirectory}");
    }

    [GeneratedRegex(@"^\| \[(MQTT-[\d.]+-\d+)\]")]
    private static partial Regex Statement();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Test();
}
