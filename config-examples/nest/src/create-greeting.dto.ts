import { IsString, Length } from 'class-validator'

export class CreateGreeting {
  @Length(2, 2)
  language: string

  @IsString()
  word: string
}
