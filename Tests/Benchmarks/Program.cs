return args is [Benchmarks.ColdStart.Argument]
    ? Benchmarks.ColdStart.Run(Console.Out)
    : Benchmarks.CommandLine.Run(args, Console.Out, Console.Error);
