namespace StreamLearn.Programs;

/// <summary>One reading of a file; or, as a listing, of no file: then readers meet every key, and values are placeholders.</summary>
internal sealed record ConfigPass(bool IsListing = false)
{
    internal List<ConfigProblem> Problems { get; } = [];
}
