using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>Counts that may only fall. Whoever lowers one writes the lower number here: a number that is too high fails too.</summary>
public sealed partial class HouseTests
{
    private const int MethodsNow = 0, FilesNow = 25, FoldersNow = 19, SharedNow = 6, ReasonsNow = 0, PresetsNow = 1, UnnamedNow = 32,
        SentencesNow = 0, IdiomsNow = 4;

    private const int LongMethodLines = 60, LongFileLines = 300, FullFolderFiles = 20, LongSentenceWords = 35;

    private static readonly string[] SharedFolders = ["Connectors/Connections/"];
    private static readonly string[] Presets =
        ["Strategy", "SynchronousStrategy", "ServerOptimizerStrategy", "Planner", "ShardPlanner", "TensorCode"];

    private static readonly (string Path, string Code)[] Product =
        [.. Repository.Homes.Where(static h => h.Folder != "Tests").SelectMany(static h => h.Sources).DistinctBy(static s => s.Path)];

    [Fact]
    public void Methods_are_short() => Exactly(MethodsNow, from source in Product
                                                           from method in Methods(source.Code)
                                                           where method.Lines > LongMethodLines
                                                           select $"{source.Path}: {method.Name}, {method.Lines} lines");

    [Fact]
    public void Files_are_short() => Exactly(FilesNow, from source in Product
                                                       let lines = Repository.Lines(source.Path).Length
                                                       where lines > LongFileLines
                                                       select $"{source.Path}: {lines} lines");

    [Fact]
    public void Folders_hold_few_files() => Exactly(FoldersNow, from source in Product
                                                                group source by Path.GetDirectoryName(source.Path) into folder
                                                                where folder.Count() > FullFolderFiles
                                                                select $"{folder.Key}: {folder.Count()} files");

    /// <summary>A source is compiled into one product: what two need is a library.</summary>
    [Fact]
    public void Sources_are_compiled_into_one_product() => Exactly(SharedNow,
        from project in Repository.Projects
        where project.Folder != "Tests"
        from Match include in CompileInclude().Matches(File.ReadAllText(project.Path))
        where !SharedFolders.Any(f =>
            include.Value.Contains(Path.GetFileName(Path.TrimEndingDirectorySeparator(f)), StringComparison.Ordinal))
        select $"{project}: {include.Groups[1].Value}");

    /// <summary>A reason that decides something is a value of an enumeration; its text is for people.</summary>
    [Fact]
    public void Texts_of_reasons_decide_nothing() => Exactly(ReasonsNow,
        from source in Product
        from line in File.ReadLines(Path.Combine(Repository.Root, source.Path)).Index()
        where ReasonComparison().IsMatch(line.Item)
        select $"{source.Path}:{line.Index + 1}: {line.Item.Trim()}");

    /// <summary>A strategy, planner or code says itself what depends on it, so that one from outside works everywhere.</summary>
    [Fact]
    public void Presets_are_not_told_apart_by_type()
    {
        HashSet<string> names = [.. from source in Product
                                    from Match preset in Record().Matches(source.Code)
                                    where Presets.Contains(preset.Groups[2].Value)
                                    select preset.Groups[1].Value];
        Assert.All(new[] { "FedAvg", "FedBuff", "GreedySplit", "TopKCode" }, n => Assert.Contains(n, names));
        Exactly(PresetsNow, from source in Product
                            from Match test in TypeTest().Matches(source.Code)
                            where names.Contains(test.Groups[1].Value)
                            select $"{source.Path}: {test.Value.Trim()}");
    }

    /// <summary>A public type is one that a page, an example or the public signature of another type names.</summary>
    [Fact]
    public void Public_types_are_named_somewhere()
    {
        string[] surface = [.. Repository.Files("PublicAPI.*.txt").SelectMany(Repository.Lines)];
        string[] types = [.. surface.Where(static l => PublicType().IsMatch(l)).Select(static l => l.Split('<')[0])];
        HashSet<string> words = [.. Repository.Files("*.md").Where(static p => p is not ("CHANGELOG.md" or "docs/history.md"))
            .Concat(Repository.Files("*.cs").Where(static p => p.StartsWith("Examples/", StringComparison.Ordinal)))
            .SelectMany(static p => Word().Matches(File.ReadAllText(Path.Combine(Repository.Root, p))).Select(static m => m.Value))];
        HashSet<string> signatures = [.. surface.SelectMany(Names)];
        Exactly(UnnamedNow, from type in types
                            let name = type[(type.LastIndexOf('.') + 1)..]
                            where !name.EndsWith("Extensions", StringComparison.Ordinal) && !words.Contains(name)
                                && !signatures.Contains(name)
                            select type);

        // what a line of the surface names beside the type that it belongs to
        static IEnumerable<string> Names(string line)
        {
            var signature = line.IndexOfAny(['(', '>']) is var at and >= 0 ? line[at..] : "";
            var owner = line[..(line.Length - signature.Length)].Split('.', '<', ' ');
            return Word().Matches(signature).Select(static m => m.Value).Where(n => !owner.Contains(n)).Distinct();
        }
    }

    [Fact]
    public void Comments_and_pages_have_few_idioms() => Exactly(IdiomsNow,
        from file in Product.Select(static s => s.Path)
            .Concat(Repository.Files("*.md").Where(static p =>
                p == "README.md" || (p.StartsWith("docs/", StringComparison.Ordinal) && p is not "docs/history.md")))
        from line in File.ReadLines(Path.Combine(Repository.Root, file)).Index()
        let text = file.EndsWith(".cs", StringComparison.Ordinal) ? Comment().Match(line.Item).Value : line.Item
        from Match idiom in Idiom().Matches(text)
        select $"{file}:{line.Index + 1}: {idiom.Value}");

    [Fact]
    public void Sentences_of_pages_are_short() => Exactly(SentencesNow,
        from page in Repository.Files("*.md")
        where page.StartsWith("docs/", StringComparison.Ordinal) && page is not "docs/history.md"
        from sentence in Sentences(File.ReadAllText(Path.Combine(Repository.Root, page)))
        let words = sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length
        where words > LongSentenceWords
        select $"{page}: {words} words: {sentence}");

    [Fact]
    public void The_measures_measure()
    {
        Assert.Equal([("B", 3), ("C", 1)], Methods("class A\n{\n    public void B(int x)\n    {\n        if (x > 0) { }\n    }\n\n"
            + "    private static int C() { return 1; }\n    internal int D() => 2;\n}"));
        Assert.Equal(["One two.", "Three four?"], Sentences("# Head\n\nOne\ntwo. Three four?\n\n| a | b |\n```\nnot this.\n```\n"));
    }

    private static void Exactly(int now, IEnumerable<string> found)
    {
        string[] all = [.. found];
        Assert.True(all.Length == now, $"expected {now}, got {all.Length}:\n{string.Join('\n', all)}");
    }

    /// <summary>Methods with a body in braces, and its lines.</summary>
    private static IEnumerable<(string Name, int Lines)> Methods(string code)
    {
        foreach (Match head in MethodHead().Matches(code))
        {
            var at = code.IndexOf('{', head.Index + head.Length - 1);
            var (depth, end) = (1, at + 1);
            for (; depth > 0 && end < code.Length; end++) { depth += code[end] == '{' ? 1 : code[end] == '}' ? -1 : 0; }
            yield return (head.Groups[1].Value, 1 + code.AsSpan(at, end - at).Count('\n'));
        }
    }

    /// <summary>The sentences of a page: of its paragraphs and lists, not of tables, headings or code.</summary>
    private static IEnumerable<string> Sentences(string page) =>
        from block in Fence().Replace(page, "\n\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        from item in ListItem().Split(block.Trim())
        where item.Length > 0 && item[0] is not '#' and not '|' and not '<'
        from sentence in SentenceEnd().Split(item.ReplaceLineEndings(" "))
        where sentence.Trim().Length > 0
        select sentence.Trim();

    [GeneratedRegex(@"^[ \t]+"
        + @"(?:(?:public|internal|private|protected|static|sealed|abstract|virtual|override|async|unsafe|new|readonly|partial)\s+)+"
        + @"[\w<>\[\],.?() ]+?\s+(\w+)\s*(?:<[^>()]*>)?\s*\([^;{}=]*\)[^;{}=]*\{", RegexOptions.Multiline)]
    private static partial Regex MethodHead();

    [GeneratedRegex("""\b([Rr]eason|[Oo]utcome|[Ff]ate)\w*\)?\s*(==|!=|is not|is)\s*"|"[\w-]+"\s*(==|!=)\s*\w*([Rr]eason|[Oo]utcome)""")]
    private static partial Regex ReasonComparison();

    [GeneratedRegex(@"\brecord\s+(\w+)\s*(?:\([^{;]*?\))?\s*:\s*(\w+)", RegexOptions.Singleline)]
    private static partial Regex Record();

    [GeneratedRegex(@"(?:\b(?:is(?: not)?|case|or)\s+|^\s+(?=\w+\b[^;=\n]*=>))(\w+)\b", RegexOptions.Multiline)]
    private static partial Regex TypeTest();

    [GeneratedRegex(@"^[\w.]+(?:<[\w, ]+>)?$")]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?:go(?:es)? on (?:from|with)|takes? up|anew|heard|so many|stands? for|misfit|farewells?|as many(?! as)|told apart|"
        + @"is told|are told|in vain|at the latest|of its own accord|what waits|who waits|so to say)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Idiom();

    [GeneratedRegex("<Compile Include=\"(\\.\\./[^\"]*)\"")]
    private static partial Regex CompileInclude();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?:^|\n)\s*(?:[-*]|\d+\.) ")]
    private static partial Regex ListItem();

    [GeneratedRegex(@"(?<=[.?!:]) ")]
    private static partial Regex SentenceEnd();
}
