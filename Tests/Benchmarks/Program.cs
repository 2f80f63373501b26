return args switch
{
    [Benchmarks.ColdStart.Argument] => Benchmarks.ColdStart.Run(Console.Out),
    [Benchmarks.ColdStart.TorchArgument] => Benchmarks.ColdStart.RunTorch(Console.Out),
    _ => Benchmarks.CommandLine.Run(args, Console.Out, Console.Error),
};
