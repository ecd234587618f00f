import type { PValue } from "apache-beam/pvalue";
import type { PTransform } from "apache-beam/transforms/transform";

/*
 * The SDK declares that `PCollection.apply` returns `any` (pvalue.d.ts), although `Root.apply` next to it knows its
 * result. This tells the compiler, for the whole project, what it returns, so that steps that do not fit each other are
 * found. There is nothing at run time.
 */
declare module "apache-beam/pvalue" {
  interface PCollection<T> {
    apply<Output extends PValue<unknown>>(transform: PTransform<PCollection<T>, Output>): Output;
  }
}
