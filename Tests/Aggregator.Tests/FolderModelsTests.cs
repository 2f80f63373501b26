using StreamLearn.Models;

namespace Aggregator.Tests;

public sealed class FolderModelsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_damaged_file_is_named_and_the_others_are_listed()
    {
        using var folder = new TemporaryFolder();
        var (complaints, model) = (new List<string>(), HarNetwork.Create());
        await using var store = new FolderModels(folder.Path, model, ModelCard.Empty, complaints.Add);
        foreach (var version in new[] { 3, 4, 5 })
        {
            await store.AddAsync(model.Initial with { Version = version }, ["user-001"], null, Cancellation);
        }

        await File.WriteAllBytesAsync(folder.File("v00000004.safetensors"), new byte[3], Cancellation);
        await File.WriteAllBytesAsync(folder.File("vabc.safetensors"), [], Cancellation);
        File.CreateSymbolicLink(folder.File("v00000006.safetensors"), folder.File("removed"));

        Assert.Equal([3, 5], (await store.ListAsync(Cancellation)).Select(static m => m.Version));
        Assert.Equal([folder.File("v00000004.safetensors"), folder.File("vabc.safetensors")],
            complaints.Select(static c => c.Split(": ")[0]));
    }

    [Fact]
    public async Task Without_a_folder_nothing_is_listed()
    {
        using var folder = new TemporaryFolder();
        await using var store = new FolderModels(folder.File("none"), HarNetwork.Create(), ModelCard.Empty, Assert.Fail);

        Assert.Empty(await store.ListAsync(Cancellation));
    }
}
