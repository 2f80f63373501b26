using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>Who may reference whom: the table of the architecture, read from the project files.</summary>
public sealed partial class ReferenceTests
{
    private const string Kernel = "StreamLearn", Simulated = "StreamLearn.Simulated";

    /// <summary>What a library may reference beside itself. A new library gets its line here, with a reason in the commit.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        [Kernel] = [],
        ["StreamLearn.Reactive"] = [Kernel],
        ["StreamLearn.Hosting"] = [Kernel],
        ["StreamLearn.Programs"] =
        [
            Kernel, "StreamLearn.Tables", "StreamLearn.Operators", "StreamLearn.Models", "StreamLearn.Learning", "StreamLearn.Compression",
            "StreamLearn.Nodes", "StreamLearn.Fleets", "StreamLearn.Formats", "StreamLearn.Arrow", "StreamLearn.Onnx",
            "StreamLearn.Mqtt", "StreamLearn.Nats",
        ],
        ["StreamLearn.Tables"] =
        [
            Kernel, "StreamLearn.Operators", "StreamLearn.Models", "StreamLearn.Learning", "StreamLearn.Compression", "StreamLearn.Formats",
            "StreamLearn.Arrow", "StreamLearn.Onnx",
        ],
        ["StreamLearn.Testing"] = [Kernel],
        ["StreamLearn.Operators"] = [Kernel],
        ["StreamLearn.Models"] = [Kernel],
        ["StreamLearn.Learning"] = [Kernel, "StreamLearn.Models"],
        ["StreamLearn.Compression"] = [Kernel, "StreamLearn.Models", "StreamLearn.Learning"],       // codecs of learning messages
        ["StreamLearn.Torch"] = [Kernel, "StreamLearn.Models"],      // apart from Models: its package brings native libraries
        ["StreamLearn.Nodes"] = [Kernel, "StreamLearn.Models", "StreamLearn.Learning"],
        ["StreamLearn.Fleets"] = [Kernel, "StreamLearn.Models", "StreamLearn.Learning"],
        ["StreamLearn.Formats"] = [Kernel],
        ["StreamLearn.Arrow"] = [Kernel],
        ["StreamLearn.Mqtt"] = [Kernel],
        ["StreamLearn.Mqtt.Broker"] = [],       // a server: it knows no pipeline
        ["StreamLearn.Mqtt.MQTTnet"] = [Kernel],
        ["StreamLearn.Nats"] = [Kernel],
        ["StreamLearn.Onnx"] = [Kernel, "StreamLearn.Models"],
    };

    [Fact]
    public void Every_library_references_only_what_the_table_allows()
    {
        Assert.NotEmpty(Repository.Libraries);
        Assert.All(Repository.Libraries,
            p => Assert.Empty(
                p.References.Except(Allowed.GetValueOrDefault(p.Name) ?? throw new InvalidOperationException($"{p} is not in the table"))));
    }

    [Fact]
    public void What_a_library_is_built_from_is_what_its_project_file_says() => Assert.All(
        Repository.Libraries,
        p => Assert.Empty(
            p.Assembly.GetReferencedAssemblies().Select(a => a.Name!)
                .Where(n => n.StartsWith(Kernel, StringComparison.Ordinal)).Except(Allowed[p.Name])));

    [Fact]
    public void The_kernel_has_no_package() => Assert.Empty(Repository.Libraries.Single(p => p.Name == Kernel).Packages);

    /// <summary>TorchSharp brings native libraries, and tests fetch libtorch: nobody gets either unasked.</summary>
    [Fact]
    public void Programs_examples_and_other_libraries_restore_nothing_of_torch() => Assert.All(
        Repository.Projects.Where(static p => p.Folder != "Tests" && p.Name != "StreamLearn.Torch"),
        static p => Assert.DoesNotContain("torch",
            File.ReadAllText(p.Path) + (Path.Combine(Path.GetDirectoryName(p.Path)!, "packages.lock.json") is var pinned
                && File.Exists(pinned) ? File.ReadAllText(pinned) : ""), StringComparison.OrdinalIgnoreCase));

    /// <summary>What of programs and examples a project may reference beside libraries.</summary>
    private static readonly Dictionary<string, string[]> AllowedPrograms = new(StringComparer.Ordinal)
    {
        ["Sensor"] = ["StreamLearn.Samples"],
        ["Aggregator"] = ["StreamLearn.Samples"],
        ["Tool"] = ["StreamLearn.Samples", Simulated, "Sensor", "Aggregator"],     // they alone can make the pipelines of their recordings
        ["Quickstart"] = ["StreamLearn.Samples", Simulated],
        [Simulated] = ["StreamLearn.Samples"],
        ["StreamLearn.Samples"] = [],
        ["Papers"] = ["StreamLearn.Samples"],
        ["HostedSensor"] = [],
    };

    [Fact]
    public void Programs_and_examples_reference_libraries_and_what_the_table_allows()
    {
        var libraries = Repository.Libraries.Select(static p => p.Name).ToHashSet(StringComparer.Ordinal);

        Assert.All(Repository.Projects.Where(static p => !p.IsLibrary && p.Folder != "Tests"),
            p => Assert.Empty(p.References.Except(libraries).Except(AllowedPrograms[p.Name])));
    }

    /// <summary>The first command builds only what it shows.</summary>
    [Fact]
    public void The_Quickstart_builds_no_connector_and_no_program()
    {
        var projects = Repository.Projects.ToDictionary(static p => p.Name, StringComparer.Ordinal);
        HashSet<string> built = [], rest = ["Quickstart"];
        while (rest.Count > 0)
        {
            built.UnionWith(rest);
            rest = [.. rest.SelectMany(n => projects[n].References).Where(n => !built.Contains(n))];
        }

        Assert.Equal(["Quickstart", Kernel, "StreamLearn.Fleets", "StreamLearn.Learning", "StreamLearn.Models", "StreamLearn.Operators",
            "StreamLearn.Samples", Simulated], built.Order(StringComparer.Ordinal));
    }

    /// <summary>What a product needs of another one is public, or not needed. The simulated fleet is no package.</summary>
    [Fact]
    public void No_product_sees_the_internals_of_another_one()
    {
        const string Two = "<P><InternalsVisibleTo Include=\"$(X).Tests;B;C\" Condition=\"'$(P)' == 'A' or '$(P)' == 'D'\" /></P>";
        HashSet<string> products = [.. Repository.Projects.Where(p => p.Folder != "Tests").Select(p => p.Name)];
        var pairs = FriendsIn(XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")), "*", products)
            .Concat(Repository.Projects.Where(p => p.Folder != "Tests")
                .SelectMany(p => FriendsIn(XDocument.Load(p.Path), p.Name, products)));

        Assert.Equal(["A: B", "D: B"], FriendsIn(XDocument.Parse(Two), "*", ["A", "B"]));
        Assert.Equal(["A: B"], FriendsIn(XDocument.Parse("<P><InternalsVisibleTo Include='B' /></P>"), "A", ["A", "B"]));
        Assert.Equal([$"{Simulated}: Quickstart", "StreamLearn.Tables: StreamLearn.Programs", $"{Kernel}: StreamLearn.Testing"],
            pairs.Order(StringComparer.Ordinal));
    }

    /// <summary>Pairs that the elements of a file name; without a condition, its own project's.</summary>
    private static IEnumerable<string> FriendsIn(XDocument file, string own, HashSet<string> products) =>
        from element in file.Descendants("InternalsVisibleTo")
        let hosts = Compared().Matches(element.Attribute("Condition")?.Value ?? "").Select(static m => m.Groups[1].Value)
        from host in hosts.DefaultIfEmpty(own)
        from friend in element.Attribute("Include")!.Value.Split(';')
        where products.Contains(friend)
        select $"{host}: {friend}";

    [GeneratedRegex("== '([^']+)'")]
    private static partial Regex Compared();

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "StreamLearn.sln")).Replace('\\', '/');

        // The consumer of the packages is built from them, apart from the solution.
        Assert.All(
            Repository.Projects.Where(p => p.Packages.All(r => !r.StartsWith(Kernel, StringComparison.Ordinal))),
            p => Assert.Contains(Path.GetRelativePath(Repository.Root, p.Path), solution, StringComparison.Ordinal));
    }
}
