using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>The list of acceptance ids in <c>SPEC.md</c> agrees with the tests and with the list of deviations.</summary>
public sealed partial class SpecTests
{
    private const int Ids = 111;        // of the specification

    private static readonly List<string> Rows =
        [.. Repository.Lines("SPEC.md").Where(static l => l.StartsWith("| AT-", StringComparison.Ordinal))];

    private static readonly ILookup<string, string> Cells = Rows.Select(static l => Row().Match(l)).Where(static m => m.Success)
        .ToLookup(static m => m.Groups["id"].Value, static m => m.Groups["cell"].Value);

    private static readonly HashSet<string> Tests = [.. Repository.Projects.Where(static p => p.Folder == "Tests")
        .SelectMany(static p => p.Sources).SelectMany(static s => TestsOf(s.Code))];

    [Fact]
    public void Each_id_of_the_specification_has_one_row()
    {
        None(Cells.Where(static c => c.Count() > 1).Select(static c => c.Key));
        Assert.Equal((Ids, Ids), (Cells.Count, Rows.Count));
    }

    [Fact]
    public void A_row_names_tests_that_exist_or_is_planned()
    {
        Assert.Equal(["A.B", "A.C"], TestsOf("class A<T>\n{\n    class N\n    [Fact]\n    public void B()\n"
            + "    [Theory]\n    [InlineData(1)]\n    public async Task C(int x)\n    public void D()\n"));
        None(from row in Cells from cell in row where NamesIn(cell).Any() == (cell == "planned") select $"{row.Key}: {cell}");
        None(from row in Cells from name in row.SelectMany(NamesIn).Except(Tests) select $"{row.Key}: no test {name}");
    }

    [Fact]
    public void A_test_that_names_an_id_is_in_its_row() => None(
        from test in Tests
        let id = IdInName().Match(test)
        where id.Success && !Cells[$"AT-{id.Groups[1].Value}"].SelectMany(NamesIn).Contains(test)
        select $"not in its row: {test}");

    [Fact]
    public void A_row_deviates_where_the_list_of_deviations_has_its_id()
    {
        var listed = Repository.Lines("Tests/Acceptance.Tests/DEVIATIONS.md")
            .Select(static l => Deviation().Match(l)).Where(static m => m.Success).Select(static m => m.Groups[1].Value);
        var marked = Cells.Where(static c => c.First().Split("; ").Contains("deviates")).Select(static c => c.Key);
        Assert.Equal(listed.Distinct().Order(StringComparer.Ordinal), marked.Order(StringComparer.Ordinal));
    }

    private static void None(IEnumerable<string> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));
    private static IEnumerable<string> NamesIn(string cell) => NameInCell().Matches(cell).Select(static m => m.Groups[1].Value);

    private static IEnumerable<string> TestsOf(string code)
    {
        var type = "";
        foreach (Match m in TypeOrTest().Matches(code))
        {
            if (m.Groups["type"].Success) { type = m.Groups["type"].Value; }
            else { yield return $"{type}.{m.Groups["test"].Value}"; }
        }
    }

    [GeneratedRegex(@"^\| (?<id>AT-\d+[a-z]) \| [^|]+ \| (?<cell>[^|]+) \|$")]
    private static partial Regex Row();
    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex NameInCell();
    [GeneratedRegex(@"\.AT_(\d+[a-z])_")]
    private static partial Regex IdInName();
    [GeneratedRegex(@"^\| (AT-\d+[a-z]) \|")]
    private static partial Regex Deviation();
    [GeneratedRegex(@"^(?! )[\w ]*\bclass (?<type>\w+)"
        + @"|\[(?:Long)?(?:Fact|Theory)\b[^\n]*(?:\n *\[[^\n]*)*\n +public (?:async )?\w+ (?<test>\w+)\(",
        RegexOptions.Multiline)]
    private static partial Regex TypeOrTest();
}
