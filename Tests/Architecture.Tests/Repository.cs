using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>A project of the repository, or a folder of sources that several of them compile.</summary>
internal sealed record Project(string Name, string Folder, string Path)
{
    internal bool IsLibrary =>
        Folder is "Pipelines" or "Operators" or "Connectors" && Name.StartsWith("StreamLearn", StringComparison.Ordinal)
        && Name != "StreamLearn.Simulated";         // no package: programs and examples see its internals

    /// <summary>Its name, unless the project file says another: test doubles beside a library share its namespace, and one named
    /// as a package would hide the package's.</summary>
    internal string Namespace =>
        (File.Exists(Path) ? XDocument.Load(Path).Descendants("RootNamespace").SingleOrDefault()?.Value : null) ?? Name;

    /// <summary>That of a source file: the virtual world, a folder of the kernel, has one of its own, and so have its tests.</summary>
    internal string NamespaceOf(string path) =>
        path.StartsWith("Pipelines/StreamLearn/Simulation/", StringComparison.Ordinal) ? "StreamLearn.Simulation"
        : path.StartsWith("Tests/StreamLearn.Tests/Simulation/", StringComparison.Ordinal) ? "StreamLearn.Simulation.Tests" : Namespace;

    internal Assembly Assembly => Assembly.Load(Name);

    internal IEnumerable<string> References =>
        Items("ProjectReference").Select(r => System.IO.Path.GetFileNameWithoutExtension(r.Replace('\\', '/')));

    internal IEnumerable<string> Packages => Items("PackageReference");

    /// <summary>The source files, with comments and texts blanked out.</summary>
    internal IEnumerable<(string Path, string Code)> Sources => Directory
        .EnumerateFiles(System.IO.Path.GetDirectoryName(Path)!, "*.cs", SearchOption.AllDirectories)
        .Where(p => !p.Contains("/obj/", StringComparison.Ordinal) && !p.Contains("/bin/", StringComparison.Ordinal))
        .Select(p => (System.IO.Path.GetRelativePath(Repository.Root, p), Repository.Blank(File.ReadAllText(p))));

    public override string ToString() => Name;

    private IEnumerable<string> Items(string element) =>
        XDocument.Load(Path).Descendants(element).Select(e => e.Attribute("Include")?.Value).OfType<string>();
}

/// <summary>What the tests of the architecture look at.</summary>
internal static partial class Repository
{
    private static readonly string[] Made = ["artifacts", "bin", "obj", "out", "node_modules"];
    internal static string Root { get; } = FindRoot();

    internal static IReadOnlyList<Project> Projects { get; } =
    [
        .. new[] { "Pipelines", "Operators", "Connectors", "Examples", "Tests" }
            .Where(f => Directory.Exists(Path.Combine(Root, f)))
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Root, f), "*.csproj", SearchOption.AllDirectories)
                .Select(p => new Project(Path.GetFileNameWithoutExtension(p), f, p)))
            .Where(p => !p.Path.Contains("/obj/", StringComparison.Ordinal))
            .OrderBy(p => p.Name, StringComparer.Ordinal),
    ];

    /// <summary>Where sources are: the projects, and folders beside them which several compile; those of <c>Connectors/X</c> are of the
    /// namespace <c>StreamLearn.X</c>, those of the programs of <c>StreamLearn.Programs</c>.</summary>
    internal static IReadOnlyList<Project> Homes { get; } =
    [
        .. Projects,
        .. from folder in new[] { "Pipelines", "Operators", "Connectors" }
           from shared in Directory.EnumerateDirectories(Path.Combine(Root, folder))
           where Directory.EnumerateFiles(shared, "*.cs").Any() && !Directory.EnumerateFiles(shared, "*.csproj").Any()
           select new Project($"StreamLearn.{Path.GetFileName(shared)}", folder, shared + "/"),
        new("StreamLearn.Programs", "Pipelines", Path.Combine(Root, "Pipelines", "Shared") + "/"),
    ];

    internal static IEnumerable<Project> Libraries => Projects.Where(p => p.IsLibrary);

    /// <summary>The files of a name like <c>*.cs</c>, from the root, except for what a build or a tool has put there.</summary>
    internal static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Root, f))
        .Where(f => !f.Split('/').Any(part => Made.Contains(part) || part.StartsWith('.')))
        .Order(StringComparer.Ordinal);

    internal static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    /// <summary>Place and length of each line of more than 140 characters.</summary>
    internal static IEnumerable<string> TooLong(string file, IEnumerable<string> lines) => lines
        .Select((line, i) => (Number: i + 1, Columns: line.EnumerateRunes().Count()))
        .Where(l => l.Columns > 140)
        .Select(l => $"{file}:{l.Number}: {l.Columns} columns");

    /// <summary>Replaces comments and literal texts by spaces, so that a rule about code is not about words.</summary>
    internal static string Blank(string source) => CommentOrText().Replace(source, static m => new string(' ', m.Length));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StreamLearn.sln"))) { return folder.FullName; }
        }
        throw new InvalidOperationException($"no StreamLearn.sln above {AppContext.BaseDirectory}");
    }

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|\"{3}.*?\"{3}|@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'""", RegexOptions.Singleline)]
    private static partial Regex CommentOrText();
}
