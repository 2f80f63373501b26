using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>Rules about sources and names that no analyzer knows.</summary>
public sealed partial class SourceTests
{
    private static readonly string[] ForbiddenEndings =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Processor", "Handler",
            "Service", "Engine", "Wrapper", "Base", "Impl", "Info", "Data", "Common"];

    /// <summary>Words of a protocol or of a framework.</summary>
    private static readonly string[] AllowedNames = ["ServerInfo", "SensorData"];

    [Fact]
    public void Only_dataflow_folders_name_tpl_dataflow_types() => Assert.Empty(
        from project in Repository.Homes
        where project.IsLibrary
        from source in project.Sources
        where source.Code.Contains("System.Threading.Tasks.Dataflow", StringComparison.Ordinal)
            && !source.Path.Contains("/Dataflow/", StringComparison.Ordinal)
        select source.Path);

    [Fact]
    public void Operators_know_no_threads_tasks_or_clocks() => Assert.Empty(
        from project in Repository.Libraries
        where project.Folder == "Operators" || project.Name == "StreamLearn"
        from source in project.Sources
        where project.Folder == "Operators" || source.Path.Contains("/StreamLearn/Operators/", StringComparison.Ordinal)
        where OperatorClass().IsMatch(source.Code)
        from Match word in ThreadWord().Matches(source.Code)
        select $"{source.Path}: {word.Value}");

    [Fact]
    public void Namespaces_are_project_names()
    {
        var wrong =
            from project in Repository.Homes
            from source in project.Sources
            from Match name in Namespace().Matches(source.Code)
            where name.Groups[1].Value != project.NamespaceOf(source.Path)
            select $"{source.Path}: {name.Groups[1].Value}";

        Assert.Empty(wrong);
        Assert.All(
            Repository.Libraries,
            p => Assert.Subset(
                p.Sources.Select(s => p.NamespaceOf(s.Path)).ToHashSet(),
                p.Assembly.GetExportedTypes().Select(static t => t.Namespace!).ToHashSet()));
    }

    [Fact]
    public void Type_names_say_what_a_thing_is()
    {
        var wrong =
            from project in Repository.Libraries
            from type in project.Assembly.GetTypes()
            where !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && !type.Name.Contains('<', StringComparison.Ordinal)
            let name = type.Name.Split('`')[0]
            where ForbiddenEndings.Any(e => name.EndsWith(e, StringComparison.Ordinal)) && !AllowedNames.Contains(name)
            select type.FullName;
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_public_name_names_one_type()
    {
        Assert.Equal(["A"], Shared([("p", "a.cs", "public class A\nclass B"), ("q", "b.cs", "public record struct A\nref struct B")]));
        Assert.Empty(Shared([("p", "a.cs", "public class A\npartial class B"), ("p", "b.cs", "public class A<T>\npartial class B")]));
        var sources =
            from project in Repository.Homes
            where project.Folder != "Tests"
            from source in project.Sources
            select (project.Name, source.Path, source.Code);
        Assert.Empty(Shared(sources));
    }

    /// <summary>"options ('1') must be greater" does not say which of them.</summary>
    [Fact]
    public void A_refusal_names_the_setting()
    {
        Assert.Single(RefusalOfWhole().Matches("ArgumentOutOfRangeException.ThrowIfLessThan(options.Rows, 2, nameof(options));"));
        Assert.Empty(
            from project in Repository.Homes
            where project.IsLibrary
            from source in project.Sources
            from Match refusal in RefusalOfWhole().Matches(source.Code)
            select $"{source.Path}: {refusal.Value}");
    }

    [Fact]
    public void No_line_is_longer_than_140_columns()
    {
        var sources = Repository.Files("*.cs").ToList();
        Assert.Equal(["Connectors", "Examples", "Operators", "Pipelines", "Tests"], sources.Select(s => s.Split('/')[0]).Distinct());
        var wide = string.Concat(Enumerable.Repeat("\U0001D465", 140));
        Assert.Equal(["a.cs:3: 141 columns"], Repository.TooLong("a.cs", ["", wide, wide + "→"]));
        var wrong = sources.SelectMany(s => Repository.TooLong(s, Repository.Lines(s))).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>Names that two types have. Parts of a partial type are one type, and so are the forms of a type with and without type
    /// parameters; nested types count each by itself.</summary>
    private static IEnumerable<string> Shared(IEnumerable<(string Project, string Path, string Code)> sources) =>
        from source in sources
        from Match type in Declaration().Matches(source.Code)
        where type.Groups["modifiers"].Value.Contains("public", StringComparison.Ordinal)
        let isNested = type.Groups["indent"].Length > 0 && !type.Groups["modifiers"].Value.Contains("partial", StringComparison.Ordinal)
        group isNested ? $"{source.Path}:{type.Index}" : source.Project by type.Groups["name"].Value into types
        where types.Distinct().Count() > 1
        orderby types.Key
        select types.Key;

    [GeneratedRegex(@"^(?<indent>[ \t]*)"
        + @"(?<modifiers>(?:(?:public|internal|private|protected|file|sealed|static|abstract|readonly|ref|partial|unsafe|new)\s+)*)"
        + @"(?:record\s+(?:class|struct)|record|class|struct|interface|enum|delegate\s+[\w<>\[\]?.,]+)\s+(?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\bnamespace\s+([\w.]+)")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"class\s+\w+[^{;]*:\s*Operator<")]
    private static partial Regex OperatorClass();

    [GeneratedRegex(@"ThrowIf\w+\(options\.[^;]*, nameof\(options\)\)")]
    private static partial Regex RefusalOfWhole();

    [GeneratedRegex(@"\b(lock\s*\(|async\b|await\b|Interlocked\b|Task\b|Task<|Thread\b|Monitor\b|TimeProvider\b)")]
    private static partial Regex ThreadWord();
}
