using StreamLearn.Models;

namespace StreamLearn.Torch.Tests;

/// <summary>Fits that are cut off.</summary>
internal static class Fits
{
    /// <summary>A fit as a whole, and one that ends after its second epoch and is resumed.</summary>
    internal static (FitResult Whole, FitResult Resumed) Resumed(IModel model, RecordedRows rows, FitOptions options)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{Guid.CreateVersion7()}.state");
        var whole = model.Fit(rows, options);
        using var source = new CancellationTokenSource();
        var cut = new Cut(source);
        Assert.Throws<OperationCanceledException>(() => model.Fit(rows, options with { StateFile = file }, cut, source.Token));
        Assert.True(File.Exists(file));
        return (whole, model.Fit(rows, options with { StateFile = file }));
    }

    private sealed class Cut(CancellationTokenSource source) : IProgress<FitEpoch>
    {
        public void Report(FitEpoch value)
        {
            if (value.Epoch == 2) { source.Cancel(); }
        }
    }
}
