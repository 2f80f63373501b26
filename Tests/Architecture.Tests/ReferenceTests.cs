namespace Architecture.Tests;

/// <summary>Who may reference whom: the table of the architecture, read from the project files.</summary>
public sealed class ReferenceTests
{
    private const string Kernel = "StreamLearn";

    /// <summary>What a library may reference beside itself. A new library gets its line here, with a reason in the commit.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        [Kernel] = [],
        ["StreamLearn.Simulation"] = [Kernel],
        ["StreamLearn.Reactive"] = [Kernel],
        ["StreamLearn.Hosting"] = [Kernel],
        ["StreamLearn.Programs"] =
        [
            Kernel, "StreamLearn.Simulation", "StreamLearn.Operators", "StreamLearn.Learning", "StreamLearn.Fleets",
            "StreamLearn.Formats", "StreamLearn.Arrow", "StreamLearn.Mqtt", "StreamLearn.Nats",
        ],
        ["StreamLearn.Testing"] = [Kernel],
        ["StreamLearn.Operators"] = [Kernel],
        ["StreamLearn.Learning"] = [Kernel],
        ["StreamLearn.Fleets"] = [Kernel, "StreamLearn.Learning"],
        ["StreamLearn.Formats"] = [Kernel],
        ["StreamLearn.Arrow"] = [Kernel],
        ["StreamLearn.Connections"] = [Kernel],
        ["StreamLearn.Mqtt"] = [Kernel, "StreamLearn.Connections"],
        ["StreamLearn.Mqtt.Broker"] = [],       // a server: it knows no pipeline
        ["StreamLearn.Mqtt.MQTTnet"] = [Kernel, "StreamLearn.Connections"],
        ["StreamLearn.Nats"] = [Kernel, "StreamLearn.Connections"],
        ["StreamLearn.Onnx"] = [Kernel, "StreamLearn.Learning"],
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

    /// <summary>What of programs and examples a project may reference beside libraries.</summary>
    private static readonly Dictionary<string, string[]> AllowedPrograms = new(StringComparer.Ordinal)
    {
        ["Sensor"] = ["StreamLearn.Samples"],
        ["Aggregator"] = ["StreamLearn.Samples"],
        ["Tool"] = ["StreamLearn.Samples"],
        ["Quickstart"] = ["Tool"],
        ["StreamLearn.Samples"] = [],
        ["TauDemo"] = ["StreamLearn.Samples"],
        ["HostedSensor"] = [],
    };

    [Fact]
    public void Programs_and_examples_reference_libraries_and_what_the_table_allows()
    {
        var libraries = Repository.Libraries.Select(static p => p.Name).ToHashSet(StringComparer.Ordinal);

        Assert.All(Repository.Projects.Where(static p => !p.IsLibrary && p.Folder != "Tests"),
            p => Assert.Empty(p.References.Except(libraries).Except(AllowedPrograms[p.Name])));
    }

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
