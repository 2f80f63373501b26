using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Xml.Linq;
using StreamLearn.Testing;

namespace Architecture.Tests;

/// <summary>
/// Packs every library as a release does, looks into the packages, and runs a program outside the repository's build on them.
/// </summary>
public sealed class PackageTests
{
    // portable PDB format, custom debug information
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    internal static readonly string Root = FindRoot();
    internal static readonly string Configuration =
        AppContext.BaseDirectory.Contains("release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";

    [Fact]
    public async Task Packages_are_complete_and_a_hosted_sample_runs_on_them_until_it_is_terminated()
    {
        using var folder = new TemporaryFolder();
        var packages = Path.Join(folder.Path, "feed");
        var said = await Command.RunAsync(Root, "dotnet", "pack", "StreamLearn.sln", "--configuration", Configuration, "--no-build",
            "--output", packages, "--verbosity", "minimal", "--tl:off");
        Assert.DoesNotContain("warning", said, StringComparison.OrdinalIgnoreCase);
        var names = Libraries();
        Assert.Equal(names.Order(StringComparer.Ordinal),
            Directory.GetFiles(packages, "*.nupkg").Select(NameOf).Order(StringComparer.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal),
            Directory.GetFiles(packages, "*.snupkg").Select(NameOf).Order(StringComparer.Ordinal));
        var hasRemote = await HasHostedRemoteAsync();
        foreach (var name in names) { CheckPackage(packages, name, hasRemote); }

        await RunSampleAsync(folder.Path, packages);
    }

    private static void CheckPackage(string packages, string name, bool hasRemote)
    {
        using var package = ZipFile.OpenRead(Directory.GetFiles(packages, $"{name}.*.nupkg").Single(f => NameOf(f) == name));
        var files = package.Entries.Select(e => e.FullName).ToList();
        using (var readme = new StreamReader(package.GetEntry("README.md")!.Open()))
        {
            var text = readme.ReadToEnd();
            Assert.Contains($"`{name}`", text, StringComparison.Ordinal);
            Assert.DoesNotContain("](", text, StringComparison.Ordinal);
        }
        Assert.Contains($"lib/net10.0/{name}.dll", files);
        Assert.Contains($"lib/net10.0/{name}.xml", files);
        using var stream = package.GetEntry($"{name}.nuspec")!.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().First();
        XElement? Of(string element) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == element);
        Assert.Equal(("expression", "Apache-2.0"), (Of("license")?.Attribute("type")?.Value, Of("license")?.Value));
        Assert.Equal("README.md", Of("readme")?.Value);
        Assert.False(string.IsNullOrWhiteSpace(Of("description")?.Value));
        if (Path.Exists(Path.Join(Root, ".git"))) { Assert.Matches("^[0-9a-f]{40}$", Of("repository")?.Attribute("commit")?.Value); }

        using var symbols = ZipFile.OpenRead(Directory.GetFiles(packages, $"{name}.*.snupkg").Single(f => NameOf(f) == name));
        var link = ReadSourceLink(symbols.GetEntry($"lib/net10.0/{name}.pdb")
            ?? throw new InvalidDataException($"{name}: the symbol package has no pdb"));
        if (hasRemote) { Assert.Contains("\"documents\"", link, StringComparison.Ordinal); }
    }

    private static async Task RunSampleAsync(string folder, string packages)
    {
        var (sample, work) = (Path.Join(Root, "Examples", "HostedSensor"), Path.Join(folder, "work"));
        await Command.RunAsync(Root, "dotnet", "build", sample, "--configuration", "Release", $"-p:StreamLearnPackages={packages}",
            $"-p:ArtifactsPath={work}", $"-p:UserPackages={Others(folder)}", "--tl:off");
        Assert.True(Directory.Exists(Path.Join(work, "packages", "streamlearn.hosting")), "the sample was not built against the packages");
        using var program = new Command(folder, "dotnet", Path.Join(work, "bin", "HostedSensor", "release", "HostedSensor.dll"));
        await program.WaitForAsync("answer: ");
        await program.TerminateAsync();
        Assert.Equal(0, await program.EndAsync());
        Assert.Contains("is draining", program.Text, StringComparison.Ordinal);
        Assert.Contains("everything was processed", program.Text, StringComparison.Ordinal);
    }

    /// <summary>Links to the user's packages, without those of this project: an older build of the same commit would be taken.</summary>
    private static string Others(string folder)
    {
        var others = Directory.CreateDirectory(Path.Join(folder, "others")).FullName;
        var all = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var package in Directory.Exists(all) ? Directory.GetDirectories(all) : [])
        {
            if (Path.GetFileName(package).StartsWith("streamlearn", StringComparison.OrdinalIgnoreCase)) { continue; }
            Directory.CreateSymbolicLink(Path.Join(others, Path.GetFileName(package)), package);
        }
        return others;
    }

    private static string? ReadSourceLink(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        copy.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(copy);
        var reader = provider.GetMetadataReader();
        foreach (var handle in reader.CustomDebugInformation)
        {
            var found = reader.GetCustomDebugInformation(handle);
            if (reader.GetGuid(found.Kind) == SourceLink) { return Encoding.UTF8.GetString(reader.GetBlobBytes(found.Value)); }
        }
        return null;
    }

    /// <summary>
    /// True if the sources are in a checkout of a repository that others can reach; a link to a folder of this machine is none.
    /// </summary>
    private static async Task<bool> HasHostedRemoteAsync()
    {
        if (!Path.Exists(Path.Join(Root, ".git"))) { return false; }
        using var git = new Command(Root, "git", "config", "--get", "remote.origin.url");
        return await git.EndAsync() == 0 && git.Text.StartsWith("https://github.com/", StringComparison.Ordinal);
    }

    /// <summary>All but the simulated fleet, which only programs of the house use.</summary>
    private static List<string> Libraries() =>
        [.. new[] { "Pipelines", "Operators", "Connectors" }.SelectMany(f => Directory.GetDirectories(Path.Join(Root, f)))
            .SelectMany(d => Directory.GetFiles(d, "StreamLearn*.csproj")).Select(f => Path.GetFileNameWithoutExtension(f))
            .Where(static n => n != "StreamLearn.Simulated")];

    private static string NameOf(string package) =>
        System.Text.RegularExpressions.Regex.Match(Path.GetFileName(package), @"^(.+?)\.\d+\.\d+\.\d+").Groups[1].Value;

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Join(folder, "StreamLearn.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no StreamLearn.sln above the tests");
        }
        return folder;
    }
}
