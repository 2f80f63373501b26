using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using StreamLearn.Compression;
using StreamLearn.Models;

namespace Aggregator;

/// <summary>Keeps the newest hundred versions as safetensors files. <paramref name="complain"/> receives unreadable files, which are
/// skipped.</summary>
internal sealed class FolderModels(string folder, IModel model, ModelCard card, Action<string> complain) : IModelStore
{
    private const int MaxKept = 100;
    private const string Contributors = "contributors";
    private const string Accuracy = "accuracy";

    public string Place => folder;

    public Task AddAsync(
        Weights version, ImmutableArray<string> contributors, double? accuracy, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(version.Version);
        if (File.Exists(path)) { return Task.CompletedTask; }
        var bytes = ModelFile.Save(model, version, Card(card, version, contributors, accuracy));
        StatusFile.Replace(path, bytes);
        foreach (var old in Files().SkipLast(MaxKept)) { File.Delete(old); }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<KeptModel>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<KeptModel>>([.. Files().Select(TryRead).OfType<KeptModel>()]);

    public Task<byte[]> ReadAsync(long version, CancellationToken cancellationToken) =>
        File.ReadAllBytesAsync(PathOf(version), cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private KeptModel? TryRead(string path)
    {
        try
        {
            return Read(path);
        }
        catch (FileNotFoundException)
        {
            return null;        // a running aggregator has removed it
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException)
        {
            complain($"{path}: {e.Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }

    private static KeptModel Read(string path)
    {
        var (_, weights, card) = CompressedValues.Load(path);
        var said = card.Provenance;
        return new(weights.Version, File.GetLastWriteTimeUtc(path), new FileInfo(path).Length,
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))),
            [.. said.GetValueOrDefault(Contributors, "").Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            said.TryGetValue(Accuracy, out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var accuracy)
                ? accuracy : null);
    }

    private string PathOf(long version) =>
        Path.Join(folder, string.Create(CultureInfo.InvariantCulture, $"v{version:00000000}.safetensors"));

    private string[] Files()
    {
        try
        {
            return [.. Directory.GetFiles(folder, "v*.safetensors").Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    internal static ModelCard Card(ModelCard card, Weights version, ImmutableArray<string> contributors, double? accuracy)
    {
        var said = card.Provenance.SetItem(Contributors, string.Join(' ', contributors))
            .SetItem("version", version.Version.ToString(CultureInfo.InvariantCulture));
        return card with
        {
            Provenance = accuracy is { } value ? said.SetItem(Accuracy, value.ToString("R", CultureInfo.InvariantCulture)) : said,
        };
    }
}
