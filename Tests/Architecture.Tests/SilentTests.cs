using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>No test may pass because it did not look.</summary>
public sealed partial class SilentTests
{
    /// <summary>Tests that end early for a reason, by class and method.</summary>
    private static readonly string[] Allowed =
    [
        "LayerTapeTests.Inputs_that_only_weights_need_may_be_missing_where_weights_are_frozen",     // selects 36 of 107 layers by hand
        "LayerTests.Rows_together_give_the_bits_of_one_row_after_the_other",                        // selects layers that do not mix rows
    ];

    [Fact]
    public void No_test_returns_before_it_has_asserted_anything()
    {
        var found = Tests().Where(t => ReturnsBeforeItAsserts(t.Body)).Select(t => t.Name).ToList();
        Assert.Empty(found.Except(Allowed));
    }

    [Fact]
    public void No_assertion_says_what_is_always_true() => Assert.Empty(
        from test in Tests()
        from Match match in AlwaysTrue().Matches(test.Body)
        select $"{test.Name}: {match.Value}");

    [Fact]
    public void Every_test_is_found()
    {
        Assert.InRange(Tests().Count(), 1000, int.MaxValue);
        Assert.Contains(Tests(), t => t.Name == $"{nameof(SilentTests)}.{nameof(Every_test_is_found)}");
    }

    [Theory]
    [InlineData("{ if (x is A) { return; } Assert.True(x); }", true)]
    [InlineData("{ if (!File.Exists(p)) return; Assert.True(x); }", true)]
    [InlineData("{ foreach (var x in y) { if (x) { return; } } }", true)]
    [InlineData("{ Assert.NotNull(x); if (x is A) { return; } Assert.True(x); }", false)]
    [InlineData("{ var y = List(); Assert.True(y); void Note(int i) { if (i == 0) { return; } } }", false)]
    [InlineData("{ var f = () => { if (x) { return; } y(); }; f(); Assert.True(x); }", false)]
    [InlineData("{ void Note(int i) { if (i == 0) { return; } } Assert.True(y); }", false)]
    [InlineData("{ Assert.Skip(x); }", false)]
    public void A_return_counts_where_it_ends_the_test(string body, bool isSilent) => Assert.Equal(isSilent, ReturnsBeforeItAsserts(body));

    private static bool ReturnsBeforeItAsserts(string body)
    {
        var own = body;
        foreach (var inner in InnerFunction().Matches(body).Reverse())
        {
            var open = inner.Index + inner.Length - 1;
            own = own.Remove(open, Math.Min(EndOf(own, open), own.Length) - open);
        }
        var asserts = AnyAssertion().Match(own);
        return BareReturn().Matches(own).Any(r => !asserts.Success || r.Index < asserts.Index);
    }

    /// <summary>The methods with a fact or a theory, without comments and texts; one with an expression body cannot return early.</summary>
    private static IEnumerable<(string Name, string Body)> Tests() =>
        from project in Repository.Projects
        where project.Folder == "Tests"
        from source in project.Sources
        let code = WithoutReturnedTexts(source.Code, File.ReadAllText(Path.Combine(Repository.Root, source.Path)))
        from Match test in TestHead().Matches(code)
        let open = code.IndexOfAny(['{', ';'], test.Index + test.Length)
        let body = code[open] == '{' ? code[open..EndOf(code, open)] : ""
        select ($"{Path.GetFileNameWithoutExtension(source.Path)}.{test.Groups[1].Value}", body);

    /// <summary>A text that is returned was blanked out: it is not a bare return.</summary>
    private static string WithoutReturnedTexts(string code, string source) =>
        BareReturn().Replace(code, m =>
            source.AsSpan(m.Index, m.Length).ContainsAny('"', '\'') ? new string('x', m.Length - 1) + ";" : m.Value);

    /// <summary>The place after the brace that closes the one at a place.</summary>
    private static int EndOf(string code, int open)
    {
        var depth = 0;
        for (var at = open; at < code.Length; at++)
        {
            if (code[at] == '{') { depth++; }
            else if (code[at] == '}' && --depth == 0) { return at + 1; }
        }
        return code.Length;
    }

    [GeneratedRegex(@"\[(?:Long)?(?:Fact|Theory)\b[^{;]*?\bpublic\s+(?:static\s+)?(?:async\s+)?(?:void|Task|ValueTask)\s+(\w+)\s*\(")]
    private static partial Regex TestHead();

    [GeneratedRegex(@"\breturn\s*;")]
    private static partial Regex BareReturn();

    [GeneratedRegex(@"\bAssert\.|\bCheck\.|\bHolds\(|\.(?:FailAsync|EndAsync)\(")]
    private static partial Regex AnyAssertion();

    /// <summary>A lambda or a local function with a body of its own.</summary>
    [GeneratedRegex(@"=>\s*\{|\b(?:void|Task|ValueTask)\s+\w+\s*\([^)]*\)\s*\{")]
    private static partial Regex InnerFunction();

    [GeneratedRegex(@"Assert\.True\(\s*true\b|Assert\.False\(\s*false\b|Assert\.True\([^;]*>=\s*0\s*\);")]
    private static partial Regex AlwaysTrue();
}
