using FleetProcess;

// Programs that tests kill: of docs/guides/checkpoints.md ("meter"), an aggregator that ends itself at a step of its work ("killed-at"),
// a reader of numbers ("reader"), a node that computes parts of a block ("part-worker"), and those of split training and of generation.
return args switch
{
    ["meter", ..] => await MeterExamples.RunAsync(args[1..]),
    ["killed-at", ..] => await KilledAt.RunAsync(args[1..]),
    ["reader", ..] => await Reader.RunAsync(args[1..]),
    ["part-worker", ..] => await PartProcess.RunAsync(args[1..]),
    [var role, ..] when role.StartsWith("split-", StringComparison.Ordinal) => await SplitProcess.RunAsync(args),
    _ => await ShardProcess.RunAsync(args),
};
